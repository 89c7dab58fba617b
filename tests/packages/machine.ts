/**
 * A Debian of its own: a root that is made by mmdebstrap once and copied for each test, with a systemd that
 * runs. It shares the network with this machine, so that it can reach what tests serve on loopback.
 *
 * @module
 */

import { ROOT } from "../../packaging/source.ts";
import { within } from "../e2e/plugin.ts";
import { type Outcome, start } from "../../programs/command.ts";
import { leftOutFor, needs, type Possible } from "../left_out.ts";
import { attempt, check } from "./tools.ts";

/** What the root has beside the essential packages: what a usual Debian has. */
const INCLUDED = [
  ...["systemd", "systemd-sysv", "dbus", "ca-certificates", "sudo"],
  ...["man-db", "init-system-helpers", "procps"],
];

/** Whether a root can be made and entered here. */
export function needsRoot(...programs: string[]): Possible {
  if (Deno.uid() !== 0) {
    return leftOutFor("not root");
  }
  return needs("mmdebstrap", "unshare", "nsenter", "tar", ...programs);
}

/** Unpacks the root into a folder; the first time it is made, from the mirror that this machine uses. */
export async function unpackRoot(folder: string): Promise<void> {
  const cache = `${
    Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`
  }/teleport-discord`;
  const archive = `${cache}/debian-bookworm-1.tar`;
  if (!await Deno.stat(archive).then(() => true, () => false)) {
    await Deno.mkdir(cache, { recursive: true });
    await check([
      "mmdebstrap",
      "--quiet",
      "--variant=minbase",
      `--include=${INCLUDED.join()}`,
      "bookworm",
      `${archive}.new.tar`,
    ]);
    await Deno.rename(`${archive}.new.tar`, archive);
  }
  await check(["tar", "xf", archive, "-C", folder]);
}

/** A running Debian. */
export class Machine implements AsyncDisposable {
  /** Its root, as it is seen from outside. */
  readonly root: string;
  readonly #boot: Deno.ChildProcess;
  readonly #pid: number;

  private constructor(root: string, boot: Deno.ChildProcess, pid: number) {
    this.root = root;
    this.#boot = boot;
    this.#pid = pid;
  }

  /** Starts one and waits until its systemd takes orders. */
  static async start(): Promise<Machine> {
    const root = await Deno.makeTempDir({ prefix: "teleport-discord-root-" });
    await Deno.chmod(root, 0o755);
    await unpackRoot(root);
    for (
      const unit of [
        "console-getty.service",
        "getty@.service",
        "systemd-resolved.service",
      ]
    ) {
      await Deno.symlink("/dev/null", `${root}/etc/systemd/system/${unit}`);
    }
    const boot = start(`${ROOT}tests/packages/boot`, {
      args: [root],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    const pid = await within(firstChild(boot.pid), "the machine to start");
    const machine = new Machine(root, boot, pid);
    await within(machine.#started(), "systemd to take orders");
    return machine;
  }

  /** Runs a script in it as root, in its folder /root; throws if any of its commands fails. */
  async run(script: string): Promise<string> {
    const { code, out, err } = await this.attempt(script);
    if (code === 0) return out;
    throw new Error(`${script}\nended with ${code}\n${out}${err}`);
  }

  /** Runs a script in it, whatever comes of it. */
  attempt(script: string): Promise<Outcome> {
    const inside = `cd /root && ${script}`;
    return attempt(
      ["nsenter", "--target", `${this.#pid}`, "--all", "bash", "-euc", inside],
      {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        DEBIAN_FRONTEND: "noninteractive",
        HOME: "/root",
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await attempt(["kill", "-KILL", `${this.#pid}`]);
    await this.#boot.status;
    // The group that the script made, and those that systemd made in it.
    await attempt([
      ...["sh", "-c", 'find "$@" -depth -type d -exec rmdir {} +', "sh"],
      ...["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map((top) =>
        `${top}/teleport-discord-${this.#boot.pid}`
      ),
    ]);
    await Deno.remove(this.root, { recursive: true });
  }

  async #started(): Promise<void> {
    while (
      (await this.attempt("systemctl is-system-running --wait")).out === ""
    ) await pause();
  }
}

/** Returns the systemd that the script starts. Deno itself may read /proc only with all permissions. */
async function firstChild(pid: number): Promise<number> {
  for (;;) {
    const { out } = await attempt(["cat", `/proc/${pid}/task/${pid}/children`]);
    const [child = ""] = out.split(" ");
    // Until then it is a copy of what started it.
    const { out: name } = await attempt(["cat", `/proc/${child}/comm`]);
    if (name === "systemd\n") return Number(child);
    await pause();
  }
}

/** Nothing tells when a process got so far. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
