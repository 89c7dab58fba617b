/**
 * Which package has a program.
 *
 * @module
 */

/** Names of the package in Debian and Ubuntu, and in Fedora and RHEL, where they differ from the program's. */
const PACKAGES: Readonly<
  Record<string, { readonly apt?: string; readonly dnf?: string }>
> = {
  "apt-ftparchive": { apt: "apt-utils", dnf: "apt" },
  createrepo_c: { apt: "createrepo-c" },
  "dpkg-deb": { apt: "dpkg", dnf: "dpkg" },
  gpg: { dnf: "gnupg2" },
  man: { apt: "man-db", dnf: "man-db" },
  npm: { dnf: "nodejs-npm" },
  promtool: { apt: "prometheus", dnf: "golang-github-prometheus" },
  rpm2cpio: { dnf: "rpm" },
  rpmbuild: { apt: "rpm", dnf: "rpm-build" },
  rpmsign: { apt: "rpm", dnf: "rpm-sign" },
  "systemd-analyze": { apt: "systemd", dnf: "systemd" },
};

/** Says what to type to get a program. */
export function howToInstall(program: string): string {
  if (program.includes("/")) return `  ${program}: no such program`;
  const { apt = program, dnf = program } = PACKAGES[program] ?? {};
  return `  ${program}: "apt install ${apt}" (Debian, Ubuntu) or "dnf install ${dnf}" (Fedora, RHEL)`;
}
