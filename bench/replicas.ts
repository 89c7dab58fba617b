/**
 * `deno task bench:replicas`: how many calls a request costs while one, two or three processes run.
 *
 * Each request is announced, reviewed once and approved, one after another; both services are stand-ins. What each
 * process asks for by itself, such as the sweep and the start, is not counted.
 *
 * @module
 */

import { World } from "../tests/e2e/world.ts";

const REQUESTS = 40;

/** Calls to Teleport that concern requests; the rest, such as pings, goes on without any. */
const METHODS = [
  "GetPluginData",
  "UpdatePluginData",
  "ListAccessRequests",
  "GetUser",
  "GetRole",
];

async function measure(replicas: number): Promise<Map<string, number>> {
  await using world = await World.create();
  const { auth, discord } = world;
  const plugins = Array.from({ length: replicas }, () => world.start());
  await Promise.all(plugins.map((plugin) => plugin.ready()));
  const count = () =>
    new Map([
      ...METHODS.map((method) => [method, auth.countCalls(method)] as const),
      ...Map.groupBy(discord.calls, ({ route }) => route).entries()
        .map(([route, calls]) => [route, calls.length] as const),
    ]);
  const before = count();
  const ids: string[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const id = auth.createRequest({ approvalsNeeded: 2 });
    ids.push(id);
    await settled(world, id, /^\S+ 1 PENDING-/);
    auth.review(id, "rita", "APPROVED");
    await world.shows(id, "✅ 1");
    auth.review(id, "rob", "APPROVED");
    await settled(world, id, /^\S+ 1 APPROVED-/);
  }
  // What those that only look on put off comes after ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const after = count();
  return new Map(
    [...after].map(([name, calls]) => [
      name,
      (calls - (before.get(name) ?? 0)) / REQUESTS,
    ]),
  );
}

/** Waits until plugin data says that a message shows the present state. */
async function settled(
  world: World,
  id: string,
  shows: RegExp,
): Promise<void> {
  await world.untilStored(
    id,
    (data) =>
      Object.entries(data).some(([key, value]) =>
        key.startsWith("x-to:") && shows.test(value)
      ),
  );
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const results = [];
for (const replicas of [1, 2, 3]) results.push(await measure(replicas));
const names = new Set(results.flatMap((each) => [...each.keys()]));
print("| calls a request | 1 | 2 | 3 |\n| --- | --- | --- | --- |");
for (const name of names) {
  const cells = results.map((each) => (each.get(name) ?? 0).toFixed(1));
  if (cells.some((cell) => cell !== "0.0")) {
    print(`| ${name} | ${cells.join(" | ")} |`);
  }
}
