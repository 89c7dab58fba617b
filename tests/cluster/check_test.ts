/** `check` on a real Teleport, with each rule taken away in turn. */

import assert from "node:assert/strict";
import { CHANNEL, type CheckResult, SetUpWorld } from "../check/check_world.ts";
import { fences, readPage, section } from "../docs/pages.ts";
import { needsTeleport } from "../left_out.ts";
import { RealCluster } from "./real_cluster.ts";

const { ignore, leftOut } = needsTeleport("teleport", "tctl");

/** Verbs by kind. */
type Rules = Readonly<Record<string, readonly string[]>>;

const ALL: Rules = {
  access_request: ["list", "read"],
  access_plugin_data: ["update"],
  access_monitoring_rule: ["list", "read"],
  role: ["read"],
  user: ["read"],
  user_login_state: ["read"],
};

/** Rules, and what the check says of them. */
const CASES: readonly (readonly [string, Rules, readonly string[]])[] = [
  ["all", ALL, []],
  ["none at all", {}, [
    "✗ rule read on access_request: is missing",
    "✗ rule list on access_request: is missing",
    "✗ rule update on access_plugin_data: is missing",
    "! rule list on access_monitoring_rule: is missing",
    "! rule read on role: is missing",
    "! rule read on user: is missing",
    "! rule read on user_login_state: is missing",
  ]],
  ["no read on requests", { ...ALL, access_request: ["list"] }, [
    "✗ rule read on access_request: is missing",
    "– rule list on access_request: skipped",
  ]],
  ["no list on requests", { ...ALL, access_request: ["read"] }, [
    "✗ rule list on access_request: is missing",
  ]],
  [
    "list on plugin data alone",
    {
      ...ALL,
      access_request: ["read"],
      access_plugin_data: ["list", "read", "update"],
    },
    ["! rule list on access_request: no request can be seen"],
  ],
  [
    "list on plugin data without read",
    {
      ...ALL,
      access_request: ["read"],
      access_plugin_data: ["list", "update"],
    },
    ["! rule list on access_request: no request can be seen"],
  ],
  ["no update", { ...ALL, access_plugin_data: ["read"] }, [
    "✗ rule update on access_plugin_data: is missing",
  ]],
  [
    "no list on monitoring rules",
    { ...ALL, access_monitoring_rule: ["read"] },
    [
      "! rule list on access_monitoring_rule: is missing",
    ],
  ],
  [
    "no read on monitoring rules",
    { ...ALL, access_monitoring_rule: ["list"] },
    [
      "! rule list on access_monitoring_rule: is missing",
    ],
  ],
  ...["role", "user", "user_login_state"].map((kind) =>
    [
      `no read on ${kind}`,
      { ...ALL, [kind]: ["list"] },
      [`! rule read on ${kind}: is missing`],
    ] as const
  ),
];

Deno.test({
  name: `real Teleport: check finds each rule that is missing${leftOut}`,
  ignore,
  fn: async (t) => {
    await using cluster = await RealCluster.start();
    await using world = await SetUpWorld.create();
    const apply = async (name: string, yaml: string) => {
      await world.write(name, yaml);
      await cluster.tctl("create", "-f", world.path(name));
    };
    await apply("user.yaml", `${role(ALL)}---\n${USER}`);
    const path = world.path("identity");
    await Deno.remove(path);
    await cluster.tctl("auth", "sign", "--user=checked", `--out=${path}`);
    await world.change(world.auth.address, cluster.authAddress);

    for (const [name, rules, expected] of CASES) {
      await t.step(name, async () => {
        await apply("role.yaml", role(rules));
        const { out, code } = await checkUntil(world, expected);
        const isFailed = expected.some((line) => line.startsWith("✗"));
        assert.equal(code, isFailed ? 78 : 0, out);
      });
    }

    await t.step("each way is tried, by way of the Proxy", async () => {
      await world.change(cluster.authAddress, cluster.proxyAddress);
      const { out, code } = await world.check();
      const { proxyAddress } = cluster;
      assert.equal(code, 0, out);
      for (
        const line of [
          `✓ route tls_routing to ${proxyAddress}: works`,
          `· route direct to ${proxyAddress}: not needed; does not work`,
          '✓ Teleport 18.0.0: cluster "example.com"',
          `✓ recipient #channel-${CHANNEL} in "server-1" (${CHANNEL}): `,
        ]
      ) assert.ok(out.includes(line), `${line}\n${out}`);
    });

    await t.step(
      "role and user of README and rules of docs/routing.md do",
      async () => {
        const [role = ""] = fences(
          section(await readPage("README.md"), "### 1. Teleport"),
          "yaml",
        );
        const rules = fences(await readPage("docs/routing.md"), "yaml");
        await apply("readme.yaml", role);
        await cluster.tctl(
          ...["auth", "sign", "--user=teleport-discord", "--overwrite"],
          `--out=${path}`,
        );
        const { out } = await checkUntil(world, []);
        assert.match(out, /user "teleport-discord" of the cluster/);
        // Labels of resources are newer than 18.0.0.
        const known = rules.filter((rule) => !rule.includes("resource_labels"));
        assert.equal(known.length, rules.length - 1);
        for (const rule of known) await apply("rule.yaml", rule);
      },
    );

    await t.step("nothing was written", async () => {
      const requests = await cluster.tctl("requests", "ls", "--format=json");
      assert.deepEqual(JSON.parse(requests) ?? [], []);
    });
  },
});

/** The Auth Service learns of a changed role some time after it was stored. */
async function checkUntil(
  world: SetUpWorld,
  expected: readonly string[],
): Promise<CheckResult> {
  for (let tries = 1;; tries++) {
    const result = await world.check();
    const wrong = result.out.split("\n").map((line) => line.trim())
      .filter((line) => /^[✗!–] rule/.test(line));
    const isMet = wrong.length === expected.length &&
      expected.every((want, i) => wrong[i]?.startsWith(want));
    if (isMet) return result;
    assert.ok(tries < 50, `${expected.join("\n")}\n${result.out}`);
  }
}

const USER = `kind: user
version: v2
metadata: {name: checked}
spec: {roles: [checked]}
`;

function role(rules: Rules): string {
  const lines = Object.entries(rules).map(([kind, verbs]) =>
    `    - {resources: [${kind}], verbs: [${verbs.join(", ")}]}\n`
  );
  return `kind: role
version: v7
metadata: {name: checked}
spec:
  allow:
    rules:${lines.length === 0 ? " []" : ""}
${lines.join("")}`;
}
