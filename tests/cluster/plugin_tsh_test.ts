/** What `tsh request show` says of a request is what its message in Discord says, field by field. */

import assert from "node:assert/strict";
import { CHANNEL } from "../e2e/world.ts";
import type { FakeMessage } from "../fakes/discord.ts";
import { needsTeleport } from "../left_out.ts";
import { Stage } from "./plugin_stage.ts";
import { NODE_NAME } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl", "tsh");

/** Discord users, by Teleport user. */
const USERS: Readonly<Record<string, string>> = {
  rita: "1600000000000000021",
  rob: "1600000000000000022",
};

/** 1220 characters, 2990 bytes. */
const LONG_REASON = Array.from(
  { length: 30 },
  (_, i) =>
    `${
      i + 1
    }번 서버의 결제 장애를 복구하려면 데이터베이스에 접근해야 합니다. 🚨`,
).join("\n");

/** As `tsh request show --format=json` prints it, as far as the message shows it. */
interface Shown {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly user: string;
    readonly roles: readonly string[];
    readonly state: number;
    /** End of the access. */
    readonly expires: string;
    /** End of the request. */
    readonly expiry: string;
    readonly assume_start_time?: string;
    readonly request_reason?: string;
    readonly resolve_reason?: string;
    readonly suggested_reviewers?: readonly string[];
    readonly resource_ids?: readonly { kind: string; name: string }[];
    readonly reviews?: readonly {
      readonly author: string;
      readonly proposed_state: number;
      readonly reason?: string;
      readonly created: string;
    }[];
  };
}

const STATES = ["", "PENDING", "APPROVED", "DENIED"];
const VERDICTS = ["", "", "Approved", "Denied"];

/** How long a reason is shown. */
const MAX_REASON_CHARS = 400;

/** Each field of the one, and what the other has of it. */
const FIELDS: Readonly<
  Record<string, [
    tsh: (request: Shown) => unknown,
    discord: (message: FakeMessage) => unknown,
  ]>
> = {
  "metadata.name → ID": [
    ({ metadata }) => metadata.name,
    (message) => lineOf(message, "ID"),
  ],
  "spec.user → User": [
    ({ spec }) => spec.user,
    (message) => lineOf(message, "User"),
  ],
  "spec.roles → Role": [
    ({ spec }) => spec.roles,
    ({ content }) => all(content, /^\*Role\*: `(.+?)`/gm),
  ],
  "spec.resource_ids → Resource(s)": [
    ({ spec: { resource_ids: ids = [] } }) =>
      ids.map(({ kind, name }) =>
        `${kind}/${name === NODE_NAME ? "web-1" : name}`
      ),
    (message) => all(lineOf(message, "Resource\\(s\\)") ?? "", /`(.+?)`/g),
  ],
  "spec.request_reason → Reason": [
    ({ spec: { request_reason: reason = "" } }) => cut(reason),
    ({ content }) => blockOf(content, "*Reason*: "),
  ],
  "spec.state → Status": [
    ({ spec }) => STATES[spec.state],
    (message) => lineOf(message, "Status")?.replace(/^\P{L}+/u, ""),
  ],
  "spec.resolve_reason → Resolution reason": [
    ({ spec }) => spec.resolve_reason ?? "",
    ({ content }) => blockOf(content, "*Resolution reason*: "),
  ],
  "spec.assume_start_time → Access, starts": [
    ({ spec }) => isDenied(spec) ? undefined : seconds(spec.assume_start_time),
    (message) => timeOf(lineOf(message, "Access"), /starts <t:(\d+)/),
  ],
  "spec.expires → Access, ends": [
    ({ spec }) => isDenied(spec) ? undefined : seconds(spec.expires),
    (message) => timeOf(lineOf(message, "Access"), /ends <t:(\d+)/),
  ],
  "spec.expiry → Request expires": [
    ({ spec }) => spec.state === 1 ? seconds(spec.expiry) : undefined,
    ({ content }) => timeOf(content, /^Request expires <t:(\d+)/m),
  ],
  "spec.suggested_reviewers → Attention": [
    ({ spec }) => (spec.suggested_reviewers ?? []).map((user) => USERS[user]),
    (message) => all(lineOf(message, "Attention") ?? "", /<@(\d+)>/g),
  ],
  "spec.reviews → Reviews": [
    ({ spec: { reviews = [] } }) => {
      const count = (state: number) =>
        reviews.filter((each) => each.proposed_state === state).length;
      return reviews.length === 0 ? undefined : `✅ ${count(2)} ❌ ${count(3)}`;
    },
    (message) => lineOf(message, "Reviews"),
  ],
  "spec.reviews → embeds": [
    ({ spec: { reviews = [] } }) =>
      reviews.map((review) => ({
        author: review.author,
        verdict: VERDICTS[review.proposed_state],
        at: seconds(review.created),
        reason: review.reason ?? "",
      })),
    ({ embeds }) =>
      embeds.map((embed) => {
        const [, verdict, at = ""] =
          /^(\w+) request at (.+)$/.exec(String(embed["title"])) ?? [];
        const author = embed["author"] as { name?: string } | undefined;
        return {
          author: author?.name,
          verdict,
          at: seconds(at),
          reason: blockOf(String(embed["description"] ?? ""), "Reason: "),
        };
      }),
  ],
};

Deno.test({
  name: `real Teleport: Discord shows what tsh shows${leftOut}`,
  ignore,
  fn: async (t) => {
    await using stage = await Stage.start();
    const { cluster } = stage;
    const [identity, alice, bob, rita, rob] = await Promise.all([
      cluster.sign("discord-plugin"),
      cluster.sign("alice", { ttl: "29h" }),
      cluster.sign("bob", { ttl: "29h" }),
      cluster.sign("rita"),
      cluster.sign("rob"),
    ]);
    const users = Object.entries(USERS).map(([user, id]) =>
      `"${user}" = "${id}"\n`
    );
    const config = await stage.configure(
      "plugin",
      `identity = "${identity}"`,
      { "*": [CHANNEL] },
      { rest: `[users]\n${users.join("")}` },
    );
    const plugin = await stage.run(config).ready();

    /** Makes a request; returns its ID. */
    const request = async (as: string, ...args: string[]) => {
      const out = await cluster.tsh(
        as,
        "request",
        "create",
        "--nowait",
        ...args,
      );
      const id = /^Request ID: +(\S+)/m.exec(out)?.[1];
      assert.ok(id, out);
      return id;
    };
    /** Compares both, once the message says this. */
    const compare = async (as: string, id: string, text: string) => {
      const message = await stage.shows(id, text);
      const out = await cluster.tsh(
        as,
        "request",
        "show",
        "--format=json",
        id,
      );
      const shown: Shown = JSON.parse(out);
      for (const [field, [tsh, discord]] of Object.entries(FIELDS)) {
        assert.deepEqual(discord(message), tsh(shown), field);
      }
      return { message, shown };
    };
    const review = (as: string, verdict: string, reason: string, id: string) =>
      cluster.tsh(as, "request", "review", verdict, `--reason=${reason}`, id);

    await t.step("roles, reviewers, a long reason, two reviews", async () => {
      const id = await request(
        bob,
        "--roles=dev,ops",
        "--reviewers=rita,rob",
        `--reason=${LONG_REASON}`,
        "--max-duration=1h",
      );
      const { shown } = await compare(bob, id, "PENDING");
      assert.equal(shown.spec.request_reason, LONG_REASON);
      assert.deepEqual(shown.spec.suggested_reviewers, ["rita", "rob"]);
      await review(rita, "--approve", "확인했습니다 ✅", id);
      await compare(bob, id, "✅ 1 ❌ 0");
      await review(rob, "--deny", "지금은 안 됩니다", id);
      const denied = await compare(bob, id, "DENIED");
      assert.deepEqual(
        denied.shown.spec.reviews?.map(({ author }) => author),
        ["rita", "rob"],
      );
    });

    await t.step("two who approve", async () => {
      const id = await request(bob, "--roles=dev", "--reason=배포");
      await review(rob, "--approve", "", id);
      await compare(bob, id, "✅ 1 ❌ 0");
      await review(rita, "--approve", "좋습니다", id);
      await compare(bob, id, "APPROVED");
    });

    await t.step("a resource, a start time, tctl approves", async () => {
      const start = new Date(Date.now() + 2 * 3_600_000).toISOString()
        .replace(/\.\d+Z/, "Z");
      const id = await request(
        alice,
        `--resource=/${cluster.clusterName}/node/${NODE_NAME}`,
        `--assume-start-time=${start}`,
        "--session-ttl=8h",
      );
      const { shown } = await compare(alice, id, "PENDING");
      assert.equal(seconds(shown.spec.assume_start_time), seconds(start));
      await cluster.tctl("requests", "approve", "--reason=긴급", id);
      const approved = await compare(alice, id, "APPROVED");
      assert.equal(approved.shown.spec.resolve_reason, "긴급");
    });

    await t.step(
      "the command of a message works where no role may review",
      async () => {
        const path = `${stage.folder}/reviewer.yaml`;
        await Deno.writeTextFile(
          path,
          "{kind: role, version: v7, metadata: {name: r}, spec: {allow: {review_requests: {roles: [dev]}}}}",
        );
        await assert.rejects(cluster.tctl("create", "-f", path), {
          message: /only available in enterprise/,
        });
        const id = await request(alice, "--roles=dev");
        const { message } = await compare(alice, id, "PENDING");
        const command = lineOf(message, "Approve")?.replaceAll("`", "") ?? "";
        const [program, ...args] = command.split(" ");
        assert.equal(program, "tctl");
        await cluster.tctl(...args);
        await compare(alice, id, "APPROVED");
      },
    );

    await t.step("tctl denies", async () => {
      const id = await request(alice, "--roles=dev");
      await compare(alice, id, "PENDING");
      await cluster.tctl("requests", "deny", "--reason=`no`", id);
      await compare(alice, id, "DENIED");
    });

    await t.step("tctl removes: tsh shows nothing any more", async () => {
      const id = await request(alice, "--roles=dev", "--reason=x");
      await compare(alice, id, "PENDING");
      await cluster.tctl("requests", "rm", "--force", id);
      const message = await stage.shows(id, "EXPIRED");
      assert.equal(lineOf(message, "User"), "alice");
      await assert.rejects(cluster.tsh(alice, "request", "show", id), {
        message: /no access request matching/,
      });
    });
    assert.equal(await plugin.stop(), 0);
  },
});

function isDenied({ state }: Shown["spec"]): boolean {
  return STATES[state] === "DENIED";
}

function lineOf({ content }: FakeMessage, label: string): string | undefined {
  return new RegExp(`^\\*${label}\\*: (.*)$`, "m").exec(content)?.[1];
}

/**
 * Returns the text of the code block behind a label, and what follows it on its line; empty if there is none.
 *
 * U+FEFF stands behind each backtick, so that none ends the block.
 */
function blockOf(content: string, label: string): string {
  const [, ...behind] = content.split(`${label}\`\`\`\n`);
  const [, text = "", rest = ""] = /^(.*?)```([^\n]*)/s.exec(behind.join("")) ??
    [];
  return text.replaceAll("`\ufeff", "`") + rest;
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

function seconds(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(Date.parse(time) / 1000);
}

function timeOf(text: string | undefined, pattern: RegExp): number | undefined {
  const [, found] = pattern.exec(text ?? "") ?? [];
  return found === undefined ? undefined : Number(found);
}

/** Returns a reason as far as it is shown. */
function cut(reason: string): string {
  const chars = [...reason];
  return chars.length <= MAX_REASON_CHARS
    ? reason
    : `${chars.slice(0, MAX_REASON_CHARS).join("")} (truncated)`;
}
