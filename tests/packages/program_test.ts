/** The programs that are shipped, compiled and beside their runtime. */

import {
  deepStrictEqual,
  match,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { build } from "../../packaging/build.ts";
import { compileFile } from "../../packaging/program.ts";
import { ROOT } from "../../packaging/source.ts";
import { requireMachine, TARGETS } from "../../packaging/targets.ts";
import { leftOutFor } from "../left_out.ts";
import { attempt, BASE, check, emptyFolder } from "./tools.ts";

const [x64, arm64] = TARGETS;
ok(x64 !== undefined && arm64 !== undefined);

const needsBase = leftOutFor(
  BASE === undefined ? "no base in DENORT_BIN" : undefined,
);

const runtime = await build({
  dist: await emptyFolder("runtime"),
  mode: { kind: "runtime" },
  targets: [x64, arm64],
});
const compiled = BASE && await build({
  dist: await emptyFolder("compiled"),
  mode: BASE,
  targets: [x64],
});

const programs = { compiled, "beside its runtime": runtime };
for (const [form, built] of Object.entries(programs)) {
  const leftOut = built === undefined ? needsBase.leftOut : "";
  const test = (name: string, fn: (program: string) => Promise<void>) =>
    Deno.test({
      name: `${form}: ${name}${leftOut}`,
      ignore: built === undefined,
      fn: () => fn(`${built?.dist}/linux-amd64/bin/teleport-discord`),
    });

  test("it is for this machine", async () => {
    const [program] = built?.programs ?? [];
    const file = program?.files.findLast(({ mode }) => mode === 0o755)?.path;
    await requireMachine(`${program?.folder}/${file}`, x64);
  });

  test("version and configure", async (program) => {
    const version = await attempt([program, "version"]);
    deepStrictEqual([version.code, version.err], [0, ""]);
    match(
      version.out,
      /^teleport-discord v\d+\.\d+\.\d+ git:\S+ deno2\.\d+\.\d+\n$/,
    );
    match(await check([program, "configure"]), /^\[role_to_recipients\]$/m);
  });

  test("it says what is wrong, and by its exit code", async (program) => {
    const missing = await attempt([program, "start", "-c", "/none/f.toml"]);
    strictEqual(missing.code, 78, missing.err);
    match(
      missing.err,
      /^error: Cannot read the configuration "\/none\/f\.toml": no such file\n/,
    );
    strictEqual((await attempt([program, "strat"])).code, 64);
    const log = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(log, '[log]\noutput = "/root/x.log"\n');
      const { code, err } = await attempt([program, "start", "-c", log]);
      strictEqual(code, 78);
      match(err, /choose a file in \/var\/log\/teleport-discord, /);
    } finally {
      await Deno.remove(log);
    }
  });

  test("neither a home nor flags of V8 nor a cache folder matter to it", async (program) => {
    const temporary = await Deno.makeTempDir();
    try {
      const run = [
        "env",
        "-i",
        `TMPDIR=${temporary}`,
        "DENO_V8_FLAGS=--bad-flag",
        `DENO_COVERAGE_DIR=${temporary}/coverage`,
        program,
        "version",
      ];
      match(await check(run), /^teleport-discord v/);
      deepStrictEqual(await Array.fromAsync(Deno.readDir(temporary)), []);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  });
}

Deno.test("arm64: it is the runtime of that machine with the same bundle", async () => {
  const [, program] = runtime.programs;
  strictEqual(program?.target, arm64);
  const lib = `${program.folder}/lib/teleport-discord`;
  await requireMachine(`${lib}/deno`, arm64);
  await rejects(requireMachine(`${lib}/deno`, x64), /is for another machine/);
  for (const name of runtime.bundle.files) {
    deepStrictEqual(
      await Deno.readFile(`${lib}/${name}`),
      await Deno.readFile(`${runtime.bundle.folder}/${name}`),
    );
  }
});

Deno.test({
  name: `compiled: it is hardly larger than its base${needsBase.leftOut}`,
  ignore: needsBase.ignore,
  fn: async () => {
    const base = await Deno.stat(BASE?.kind === "base" ? BASE.path : "");
    const made = await Deno.stat(
      `${compiled?.dist}/linux-amd64/bin/teleport-discord`,
    );
    ok(made.size <= base.size * 1.02, `${made.size} of ${base.size} bytes`);
  },
});

Deno.test({
  name: `compiled: the permissions hold${needsBase.leftOut}`,
  ignore: needsBase.ignore,
  fn: async () => {
    ok(BASE !== undefined);
    const program = `${await emptyFolder("probe")}/probe`;
    const source = `${ROOT}tests/packaging/forbidden.mjs`;
    await compileFile(source, program, BASE, x64);
    const found = JSON.parse(await check([program, "--allow-all", "-A"]));
    const wrong = Object.entries(found)
      .filter(([, what]) => what !== "refused");
    deepStrictEqual(wrong, []);
  },
});
