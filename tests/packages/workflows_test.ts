/** The workflows, as far as they can be judged without running them. */

import { deepStrictEqual, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { ROOT } from "../../packaging/source.ts";

const FOLDER = `${ROOT}.github/workflows`;

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

/** What each job may write; everything else it may at most read. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  "release.yml/files": ["attestations", "contents", "id-token"],
  "release.yml/image": ["attestations", "id-token", "packages"],
};

for (const file of ["ci.yml", "release.yml"]) {
  const text = await Deno.readTextFile(`${FOLDER}/${file}`);
  const { permissions, jobs }: {
    readonly permissions: Readonly<Record<string, string>>;
    readonly jobs: Readonly<Record<string, Job>>;
  } = parse(text);
  const steps = Object.values(jobs).flatMap(({ steps }) => steps);

  Deno.test(`workflows: ${file} uses actions by their commit`, () => {
    for (const { uses } of steps) {
      if (uses !== undefined) match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    }
  });

  Deno.test(`workflows: ${file} asks for no more rights than it needs`, () => {
    ok(permissions !== undefined);
    ok(!Object.values(permissions).includes("write"));
    for (const [name, job] of Object.entries(jobs)) {
      const writes = Object.entries(job.permissions ?? {})
        .filter(([, right]) => right === "write").map(([what]) => what);
      deepStrictEqual(writes.toSorted(), WRITES[`${file}/${name}`] ?? [], name);
    }
    for (const step of steps) {
      if (!step.uses?.startsWith("actions/checkout@")) continue;
      deepStrictEqual(step.with?.["persist-credentials"], false);
    }
  });

  Deno.test(`workflows: ${file} runs tasks that there are, with no text of others in a script`, () => {
    const scripts = steps.flatMap(({ run }) => run ?? []).join("\n");
    ok(!scripts.includes("${{"));
    for (
      const [, task = ""] of scripts.matchAll(/deno@[\d.]+ task ([\w:]+)/g)
    ) {
      ok(Object.hasOwn(manifest.tasks, task), task);
    }
  });
}
