/** Other programs: what happens where one is missing, and that nothing else starts any. */

import {
  deepStrictEqual,
  match,
  rejects,
  strictEqual,
  throws,
} from "node:assert/strict";
import { ROOT } from "../../packaging/source.ts";
import {
  attempt,
  findProgram,
  MissingProgramError,
  requirePrograms,
  run,
  start,
} from "../../programs/command.ts";

Deno.test("a program is found by name and by path", async () => {
  match(findProgram("sh") ?? "", /\/sh$/);
  strictEqual(findProgram(Deno.execPath()), Deno.execPath());
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/file`, "", { mode: 0o644 });
    for (const each of ["no-such-program", folder, `${folder}/file`, ""]) {
      strictEqual(findProgram(each), undefined, each);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program that is missing is an error that says how to get it", async () => {
  const isMissing = (error: unknown) =>
    error instanceof MissingProgramError && error.message.includes("none-such");
  throws(() => start("none-such"), isMissing);
  await rejects(attempt("none-such", []), isMissing);
  await rejects(run("none-such", []), isMissing);
  await rejects(run("/none-such", []), isMissing);
  throws(() => requirePrograms("sh", "none-such", "other"), {
    message: `There is no none-such, other on this machine
  none-such: "apt install none-such" (Debian, Ubuntu) or "dnf install none-such" (Fedora, RHEL)
  other: "apt install other" (Debian, Ubuntu) or "dnf install other" (Fedora, RHEL)`,
  });
});

Deno.test("a program that fails says why", async () => {
  const script = ["-c", "echo out; echo err >&2; exit 3"];
  deepStrictEqual(await attempt("sh", script), {
    code: 3,
    out: "out\n",
    err: "err\n",
  });
  await rejects(run("sh", script), {
    message: '"sh -c echo out; echo err >&2; exit 3" ended with 3\nout\nerr\n',
  });
});

Deno.test("task packages says at once what it lacks, and how to get it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = `--config=${ROOT}dev.json`;
    const tasks = `${ROOT}packaging/packages.ts`;
    const args = ["run", "-A", config, "--frozen", tasks];
    const env = { PATH: folder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const { code, out, err } = await attempt(Deno.execPath(), args, { env });
    deepStrictEqual([code, out], [1, ""], err);
    match(err, /^error: There is no dpkg-deb, rpmbuild, tar, gzip on this /m);
    match(err, /^ {2}rpmbuild: "apt install rpm" .* "dnf install rpm-build"/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What may start programs: the helper, and what shows that the shipped program may not. */
const STARTERS = ["programs/command.ts", "tests/packaging/forbidden.mjs"];

Deno.test("nothing but programs/command.ts starts programs", async () => {
  const call = new RegExp(
    ["Deno", "Command\\b"].join("\\.") + "\\(|node:" + "child_process",
  );
  const found: string[] = [];
  for (
    const folder of [
      ...["bench", "demo", "packaging", "programs", "soak", "src", "tests"],
    ]
  ) {
    for await (const path of sourcesIn(folder)) {
      if (call.test(await Deno.readTextFile(`${ROOT}${path}`))) {
        found.push(path);
      }
    }
  }
  deepStrictEqual(found.sort(), STARTERS);
});

async function* sourcesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sourcesIn(path);
    else if (/\.m?[jt]s$/.test(name)) yield path;
  }
}
