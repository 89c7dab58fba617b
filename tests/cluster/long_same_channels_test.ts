/**
 * The official plugin and this one tell the same channels: drawn conditions and drawn configurations, each on
 * a cluster of its own, since both keep their data in one place.
 *
 * `SAME_CHANNELS_CONDITIONS`, `SAME_CHANNELS_CONFIGURATIONS` and `SAME_CHANNELS_SEED` say how many are drawn,
 * and from which seed.
 */

import assert from "node:assert/strict";
import { requireTeleport } from "../../programs/teleport.ts";
import type { Plugin } from "../e2e/plugin.ts";
import { channelId } from "../e2e/world.ts";
import { needsTeleport } from "../left_out.ts";
import type { AdminClient, RequestToCreate } from "./admin_client.ts";
import { Draw, drawCondition, KNOWN_CONDITIONS } from "./drawn_conditions.ts";
import { Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport(
  "teleport",
  "tctl",
  "teleport-discord",
);

const number = (name: string, otherwise: number) =>
  Number(Deno.env.get(`SAME_CHANNELS_${name}`) ?? otherwise);
const CONDITIONS = number("CONDITIONS", 2000);
const CONFIGURATIONS = number("CONFIGURATIONS", 300);
const SEED = number("SEED", 18);

const RULES_AT_ONCE = 100;
const SENTINEL = channelId(1);
const CHANNELS = Array.from(
  { length: RULES_AT_ONCE },
  (_, i) => channelId(i + 2),
);

const REQUESTS: readonly RequestToCreate[] = [
  { user: "alice", roles: ["dev"], reason: "장애 #42" },
  {
    user: "bob",
    roles: ["dev", "ops"],
    reason: "🚀 Go",
    suggestedReviewers: ["rita", "ann@example.com"],
  },
  {
    user: "alice",
    resources: [{ cluster: "example.com", kind: "node", name: NODE_NAME }],
  },
];

/** Conditions for which the two differ on purpose: docs/migration.md has the table. */
const EXPLAINED: readonly RegExp[] = [/Old_Italic/];

/** One of the two plugins, with a cluster. */
class Side implements AsyncDisposable {
  readonly name: string;
  readonly stage: Stage;
  readonly admin: AdminClient;
  readonly identity: string;
  readonly #program: string | undefined;
  #plugin: Plugin | undefined;

  private constructor(
    name: string,
    stage: Stage,
    admin: AdminClient,
    identity: string,
    program: string | undefined,
  ) {
    this.name = name;
    this.stage = stage;
    this.admin = admin;
    this.identity = identity;
    this.#program = program;
  }

  static async start(name: string, program?: string): Promise<Side> {
    const stage = await Stage.start({}, [SENTINEL, ...CHANNELS]);
    const admin = await stage.act("request-admin");
    const identity = await stage.cluster.sign("discord-plugin");
    return new Side(name, stage, admin, identity, program);
  }

  /** Starts the plugin, in place of the one that runs. */
  async run(table: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await this.#plugin?.stop();
    const config = await this.stage.configure(
      "plugin",
      `identity = "${this.identity}"`,
      table,
    );
    const options = this.#program === undefined
      ? {}
      : { program: this.#program };
    this.#plugin = await this.stage.run(config, options).ready();
  }

  /** Makes a request; returns its ID once its first messages are there and no more come. */
  async announce(request: RequestToCreate): Promise<string> {
    const { discord } = this.stage;
    const id = await this.admin.createRequest(request);
    for (let quiet = 0, calls = -1; quiet < 4;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const isTold = this.stage.messagesOf(id, SENTINEL).length > 0;
      quiet = isTold && calls === discord.calls.length ? quiet + 1 : 0;
      calls = discord.calls.length;
    }
    return id;
  }

  /** Returns the channels that have a message about a request. */
  told(id: string): readonly string[] {
    return CHANNELS.filter((each) =>
      this.stage.messagesOf(id, each).length > 0
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stage[Symbol.asyncDispose]();
  }
}

/** Announces a request on both sides; a difference counts once it has lasted. */
async function toldByBoth(
  sides: readonly [Side, Side],
  request: RequestToCreate,
): Promise<[theirs: readonly string[], ours: readonly string[]]> {
  const [official, ours] = sides;
  const ids = await Promise.all(sides.map((side) => side.announce(request)));
  const [theirId = "", ourId = ""] = ids;
  for (let tries = 0;; tries++) {
    const told = [official.told(theirId), ours.told(ourId)] as const;
    if (String(told[0]) === String(told[1]) || tries === 100) return [...told];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Brings up both sides. */
async function startBoth(): Promise<[Side, Side, AsyncDisposableStack]> {
  const owned = new AsyncDisposableStack();
  const official = owned.use(
    await Side.start("official", requireTeleport("teleport-discord")),
  );
  const ours = owned.use(await Side.start("ours"));
  return [official, ours, owned];
}

Deno.test({
  name:
    `real Teleport: ${CONDITIONS} drawn conditions tell the same channels${leftOut}`,
  ignore,
  fn: async () => {
    const [official, ours, owned] = await startBoth();
    await using _ = owned;
    const sides = [official, ours] as const;
    const draw = new Draw(SEED);
    const differing: unknown[] = [];
    let held = 0;
    let refused = 0;
    await Promise.all(sides.map((side) => side.run({ "*": [SENTINEL] })));
    for (let from = 0; from < CONDITIONS; from += RULES_AT_ONCE) {
      const conditions = Array.from(
        { length: Math.min(RULES_AT_ONCE, CONDITIONS - from) },
        (_, i) => KNOWN_CONDITIONS[from + i] ?? drawCondition(draw),
      );
      await Promise.all(sides.map(async ({ admin }) => {
        for (const [i, condition] of conditions.entries()) {
          const rule = { name: `drawn-${i}`, condition };
          const recipients = [CHANNELS[i] ?? ""];
          // A condition that the server refuses must not leave the last one in its place.
          await admin.putRule({ ...rule, recipients })
            .catch(() => {
              refused += 1 / sides.length;
              return admin.deleteRule(rule.name).catch(() => {});
            });
        }
        await admin.putRule({ name: "sentinel", recipients: [SENTINEL] });
      }));
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const request of REQUESTS) {
        const [theirs, mine] = await toldByBoth(sides, request);
        held += theirs.length;
        for (const [i, condition] of conditions.entries()) {
          const channel = CHANNELS[i] ?? "";
          const both = [theirs.includes(channel), mine.includes(channel)];
          if (both[0] === both[1]) continue;
          if (EXPLAINED.some((each) => each.test(condition))) continue;
          differing.push({
            condition,
            request,
            official: both[0],
            ours: both[1],
          });
        }
      }
    }
    assert.deepEqual(differing, []);
    // Conditions that are refused or never hold would show nothing.
    const taken = CONDITIONS - refused;
    assert.ok(taken > CONDITIONS / 2, `only ${taken} were taken`);
    assert.ok(held > CONDITIONS / 2, `only ${held} messages`);
  },
});

const ROLES = ["dev", "ops", "*", "DEV", "personal"];

Deno.test({
  name:
    `real Teleport: ${CONFIGURATIONS} drawn configurations tell the same channels${leftOut}`,
  ignore,
  fn: async () => {
    const [official, ours, owned] = await startBoth();
    await using _ = owned;
    const sides = [official, ours] as const;
    const draw = new Draw(SEED + 1);
    const differing: unknown[] = [];
    for (let i = 0; i < CONFIGURATIONS; i++) {
      const table: Record<string, string[]> = { "*": [SENTINEL] };
      for (const role of draw.some(ROLES)) {
        table[role] = [SENTINEL, ...draw.some(CHANNELS.slice(0, 6))];
      }
      const rules = Array.from({ length: draw.below(4) }, (_, n) => ({
        name: `drawn-${n}`,
        condition: drawCondition(draw),
        recipients: [SENTINEL, ...draw.some(CHANNELS.slice(3, 10))],
        ...(draw.next() < 0.2 ? { subjects: ["access_list"] } : {}),
        ...(draw.next() < 0.2 ? { plugin: "slack" } : {}),
      }));
      const request = draw.pick(REQUESTS);
      await Promise.all(sides.map(async ({ admin }) => {
        for (let n = 0; n < 4; n++) {
          await admin.deleteRule(`drawn-${n}`).catch(() => {});
        }
        for (const rule of rules) await admin.putRule(rule).catch(() => {});
      }));
      await Promise.all(sides.map((side) => side.run(table)));
      const [theirs, mine] = await toldByBoth(sides, request);
      const isExplained = rules.some(({ condition }) =>
        EXPLAINED.some((each) => each.test(condition))
      );
      try {
        assert.deepEqual(mine, theirs);
      } catch {
        if (!isExplained) {
          differing.push({ table, rules, request, theirs, mine });
        }
      }
    }
    assert.deepEqual(differing, []);
  },
});
