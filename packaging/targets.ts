/**
 * The machines that the program is built for, and what they are called by whom.
 *
 * @module
 */

import type { NpmPackage } from "./npm_archive.ts";

/** One kind of machine. */
export interface Target {
  readonly name: "x64" | "arm64";
  /** What Deno calls it. */
  readonly deno: string;
  /** What Debian, Docker and Kubernetes call it. */
  readonly deb: string;
  /** What RPM calls it. */
  readonly rpm: string;
  /** Field `e_machine` in the head of its executables. */
  readonly elfMachine: number;
  /** The npm package with Deno for it. */
  readonly runtime: NpmPackage;
}

/** Every target. */
export const TARGETS: readonly Target[] = [
  {
    name: "x64",
    deno: "x86_64-unknown-linux-gnu",
    deb: "amd64",
    rpm: "x86_64",
    elfMachine: 62,
    runtime: {
      package: "@deno/linux-x64-glibc",
      version: "2.9.6",
      sha512:
        "3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==",
    },
  },
  {
    name: "arm64",
    deno: "aarch64-unknown-linux-gnu",
    deb: "arm64",
    rpm: "aarch64",
    elfMachine: 183,
    runtime: {
      package: "@deno/linux-arm64-glibc",
      version: "2.9.6",
      sha512:
        "poqhoH9B3nYloigEMPT5t8HY+wBeiuea1An5Q7fqgJzP0SYmWsoS/oUnWO/pEiA4ofzIBy1Elt/in58xKtxEoQ==",
    },
  },
];

/** Checks that a file is an executable for a target. */
export async function requireMachine(
  path: string,
  target: Target,
): Promise<void> {
  using file = await Deno.open(path);
  const head = new Uint8Array(20);
  await file.read(head);
  const magic = String.fromCharCode(...head.subarray(0, 4));
  const machine = new DataView(head.buffer).getUint16(18, true);
  if (magic !== "\x7fELF" || machine !== target.elfMachine) {
    throw new Error(
      `Cannot ship "${path}" for ${target.name}: it is for another machine`,
    );
  }
}
