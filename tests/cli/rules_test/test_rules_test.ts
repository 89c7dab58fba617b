/** `teleport-discord rules test`: from files, and from a stand-in of the cluster. */

import assert from "node:assert/strict";
import { run } from "../../../src/cli/cli.ts";
import { EXIT } from "../../../src/lib/exit_codes.ts";
import { PaginatedResource } from "../../../src/teleport/gen/auth_service.ts";
import { SetUpWorld } from "../../check/check_world.ts";

const OPS = "1000000000000000001";
const NEVER = new AbortController().signal;

/** Runs the command; returns its exit code and what it printed. */
async function test(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const code = await run(
    ["rules", "test", ...args],
    {
      out: (text) => printed.out += text,
      err: (text) => printed.err += text,
      colored: false,
    },
    NEVER,
  );
  return { code, ...printed };
}

/** Writes files into a folder of their own; returns their paths. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  use: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await use((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const REQUEST = `kind: access_request
metadata:
  name: 01a205fd-67b0-7723-b228-ca7dac61c942
spec:
  created: "2026-11-23T01:20:22.960469273Z"
  roles:
  - dev
  state: 1
  user: bob
version: v3
`;

function rule(name: string, condition: string, more = ""): string {
  return `kind: access_monitoring_rule
metadata:
  name: ${name}
spec:
  condition: ${condition}
  notification:
    name: discord
    recipients:
    - "${OPS}"${more}
  subjects:
  - access_request
version: v1
`;
}

const CONFIG = `[teleport]
identity = "/identity"
[discord]
token = "/token"
[role_to_recipients]
"*" = "2000000000000000001"
`;

Deno.test("from files: which rules match, why, and who is told", async () => {
  const rules = [
    rule(
      "dev-team",
      `'access_request.spec.roles.contains("dev") && user.traits["team"].contains("red")'`,
      '\n    - "#ops"',
    ),
    rule("ops-team", `access_request.spec.roles.contains("ops")`),
    rule("other", '"true"').replace("discord", "slack"),
  ].join("---\n");
  const user = "---\nkind: user\nmetadata: {name: bob}\n" +
    "spec: {traits: {team: [red]}}\n";
  const files = { "request.yaml": REQUEST + user, "rules.yaml": rules };
  await withFiles(files, async (path) => {
    const { code, out, err } = await test(
      "--request",
      path("request.yaml"),
      "--rules",
      path("rules.yaml"),
    );
    assert.equal(err, "");
    assert.equal(code, EXIT.stopped);
    assert.equal(
      out,
      `Request 01a205fd-67b0-7723-b228-ca7dac61c942 of bob, made 2026-11-23T01:20:22.960Z: role dev

✓ dev-team (${path("rules.yaml")}:1): matches, and tells ${OPS}
  access_request.spec.roles.contains("dev") && user.traits["team"].contains("red") → true
    access_request.spec.roles.contains("dev") → true
      access_request.spec.roles → set("dev")
    user.traits["team"].contains("red") → true
      user.traits["team"] → set("red")
        user.traits → dict(pair("team", set("red")))
  ! the recipient "#ops" is left out: it is neither a channel ID nor "user:" and a user ID
✗ ops-team (${path("rules.yaml")}:15): does not match
  access_request.spec.roles.contains("ops") → false
    access_request.spec.roles → set("dev")
1 rule is about other plugins or other things than access requests.

Told: ${OPS}
`,
    );
  });
});

Deno.test("from files: JSON, shifts, and who is told if no rule matches", async () => {
  const [requestText, ruleText] = [
    {
      kind: "access_request",
      metadata: { name: "r1" },
      spec: { created: "2026-11-23T01:20:22Z", roles: ["dev"], state: 1 },
    },
    {
      kind: "access_monitoring_rule",
      version: "v1",
      metadata: { name: "night" },
      spec: {
        subjects: ["access_request"],
        condition: "true",
        notification: { name: "discord", recipients: [OPS] },
        schedules: {
          night: {
            time: {
              timezone: "Asia/Seoul",
              shifts: [{ weekday: "Monday", start: "00:00", end: "09:00" }],
            },
          },
        },
      },
    },
  ].map((resource) => JSON.stringify(resource, undefined, 4));
  const files = {
    // A list is what `tctl get --format=json` prints.
    "request.json": `[${requestText}]`,
    "rules.json": ruleText ?? "",
    "config.toml": CONFIG,
  };
  await withFiles(files, async (path) => {
    const args = [
      "--request",
      path("request.json"),
      "--rules",
      path("rules.json"),
    ];
    const { code, out } = await test(...args, "--config", path("config.toml"));
    assert.equal(code, EXIT.stopped);
    assert.match(out, /– night .*: not in any of its shifts/);
    assert.match(
      out,
      /Told: 2000000000000000001, by \[role_to_recipients\], as no rule names anybody\n$/,
    );
  });
});

Deno.test("from files: a misspelled kind is named", async () => {
  const rules = rule("prod", '"true"').replace("_rule", "_rul");
  await withFiles({ "r.yaml": REQUEST, "rules.yaml": rules }, async (path) => {
    const files = ["--request", path("r.yaml"), "--rules", path("rules.yaml")];
    const { out } = await test(...files);
    assert.match(out, /No rule concerns this plugin/);
    assert.match(
      out,
      /rules\.yaml:1 is no access_monitoring_rule, but of the kind "access_monitoring_rul"\./,
    );
  });
});

Deno.test("from files: who is pinged and told beside the recipients", async () => {
  const request = REQUEST.replace(
    "  user: bob",
    '  suggested_reviewers: [rita, "\\e[31m", bob]\n  user: bob',
  );
  const config = (reviewers: string) =>
    CONFIG.replace(
      "[role_to_recipients]",
      `notify_suggested_reviewers = "${reviewers}"
[role_to_mentions]
"*" = "role:3000000000000000001"
[role_to_recipients]`,
    );
  const files = {
    "request.yaml": request,
    "rules.yaml": rule("all", '"true"'),
    "mention.toml": config("mention"),
    "dm.toml": config("dm"),
    "off.toml": config("off"),
  };
  await withFiles(files, async (path) => {
    /** Returns what is said between the rules and who is told. */
    const beside = async (name: string) => {
      const { code, out, err } = await test(
        `--request=${path("request.yaml")}`,
        `--rules=${path("rules.yaml")}`,
        `--config=${path(name)}`,
      );
      assert.equal(code, EXIT.stopped, err);
      assert.match(out, new RegExp(`\nTold: ${OPS}\n$`));
      return out.split("\n").slice(4, -3);
    };
    const role = "[role_to_mentions] pings role:3000000000000000001.";
    const who = (what: string) =>
      `Suggested reviewers are ${what} as well, if it is known who they are ` +
      'in Discord: "rita", "\\u001b[31m".';
    assert.deepEqual(await beside("mention.toml"), [role, who("pinged")]);
    assert.deepEqual(
      await beside("dm.toml"),
      [role, who("told by direct message")],
    );
    assert.deepEqual(await beside("off.toml"), [role]);
  });
});

Deno.test("a rule that has to be changed is exit code 78, with its place", async () => {
  const files = {
    "request.yaml": REQUEST,
    "rules.yaml": [
      rule("good", '"true"'),
      rule("broken", `access_request.spec.roles.contains("dev"`),
      rule("fails", `email.local(access_request.spec.roles).contains("x")`),
    ].join("---\n"),
  };
  await withFiles(files, async (path) => {
    const request = ["--request", path("request.yaml")];
    const { code, out } = await test(...request, "--rules", path("rules.yaml"));
    assert.equal(code, EXIT.config);
    const at = path("rules.yaml");
    assert.ok(
      out.includes(
        `! broken (${at}:14): skipped, it cannot be used: condition: column 41: `,
      ),
      out,
    );
    assert.ok(out.includes(`! fails (${at}:27): skipped, its`), out);
    assert.ok(out.includes("email.local(): "), out);
    assert.ok(out.endsWith(`Told: ${OPS}\n`), out);
  });
});

Deno.test("what the files lack is said, and what to add", async () => {
  const files = {
    "request.yaml": REQUEST.replace(
      "  state: 1",
      "  resource_ids:\n  - {cluster: c, kind: node, name: n1}\n  state: 1",
    ),
    "rules.yaml": rule(
      "both",
      `user.traits["team"].contains("red") && access_request.spec.resource_labels_union["env"].contains("prod")`,
    ),
    "labels.yaml": "---\nkind: user\nmetadata: {name: bob}\n" +
      "spec: {traits: {team: [red]}}\n---\nkind: node\n" +
      "metadata: {name: n1, labels: {env: prod}}\n",
  };
  await withFiles(files, async (path) => {
    const request = ["--request", path("request.yaml")];
    const args = [...request, "--rules", path("rules.yaml")];
    const { code, out } = await test(...args);
    assert.equal(code, EXIT.config);
    assert.match(
      out,
      /^Not known: the traits of bob, the labels of the resources\. .*`tctl get access_request\/[-\da-f]{36},user\/bob,node\/n1`\.$/m,
    );
    await Deno.writeTextFile(
      path("request.yaml"),
      files["request.yaml"] + files["labels.yaml"],
    );
    const complete = await test(...args);
    assert.equal(complete.code, EXIT.stopped);
    assert.ok(complete.out.endsWith(`Told: ${OPS}\n`), complete.out);
  });
});

Deno.test("what is wrong with files is told with file and line", async (t) => {
  const bad = REQUEST.replace("user: bob", "user: 17")
    .replace("roles:\n  - dev", "roles: dev")
    .replace('"2026-11-23T01:20:22.960469273Z"', "yesterday");
  const number = rule("n", '"true"').replace(`"${OPS}"`, OPS);
  const rows: [string, string, string, string[]][] = [
    ["values of other types", bad, rule("a", '"true"'), [
      'request.yaml:5: spec.created: expected a time such as "2026-01-31T09:00:00Z", found "yesterday"',
      'request.yaml:6: spec.roles: expected a list, found "dev"',
      "request.yaml:8: spec.user: expected a text, found the number 17",
    ]],
    ["a number for an ID", REQUEST, number, [
      `rules.yaml:9: spec.notification.recipients[0]: expected a text, found the number ${OPS}`,
      `hint: put it in quotes: "${OPS}"`,
    ]],
    ["no YAML", REQUEST, "a: [1\n", [
      "rules.yaml:2: expected YAML or JSON, found a mistake: a bracket is not closed",
    ]],
    ["two outputs in one file", `${REQUEST}kind: user\n`, "", [
      'the key "kind" is there twice',
      "it prints several resources at once: `tctl get KIND/NAME,KIND/NAME`",
    ]],
    ["two requests", `${REQUEST}---\n${REQUEST}`, rule("a", '"true"'), [
      "request.yaml: expected one access request, found 2",
    ]],
    ["no time", REQUEST.replace(/ {2}created:.*\n/, ""), "", [
      "request.yaml:5: spec.created: expected a time",
    ]],
  ];
  for (const [what, request, rules, messages] of rows) {
    await t.step(what, async () => {
      const files = { "request.yaml": request, "rules.yaml": rules };
      await withFiles(files, async (path) => {
        const args = ["--request", path("request.yaml")];
        const { code, err } = await test(
          ...args,
          "--rules",
          path("rules.yaml"),
        );
        assert.equal(code, EXIT.config, err);
        for (const message of messages) assert.ok(err.includes(message), err);
      });
    });
  }
});

Deno.test("usage of `rules`", async () => {
  const missing = await test();
  assert.equal(missing.code, EXIT.usage);
  assert.match(missing.err, /Flag --request is required/);
  const none = await test("--request", "/nonexistent.yaml");
  assert.equal(none.code, EXIT.config);
  assert.match(none.err, /Cannot read "\/nonexistent.yaml": no such file/);
});

Deno.test("from a cluster: the request, the rules, traits and labels", async () => {
  const node = PaginatedResource.create({
    node: {
      metadata: { name: "n1", labels: new Map([["env", "prod"]]) },
      spec: { hostname: "web-1" },
    },
  });
  await using world = await SetUpWorld.create(undefined, {
    users: { alice: { team: ["red"] } },
    resources: [node],
  });
  const id = world.auth.createRequest({
    user: "alice",
    resources: [{ kind: "node", name: "n1" }],
  });
  world.auth.rules.put({
    name: "prod-red",
    condition:
      'access_request.spec.resource_labels_union["env"].contains("prod") && ' +
      'user.traits["team"].contains("red")',
    recipients: [OPS],
  });
  const config = ["--config", world.path("config.toml")];
  const { code, out, err } = await test("--request", id, ...config);
  assert.equal(code, EXIT.stopped, err);
  assert.match(out, /✓ prod-red: matches, and tells/);
  assert.ok(out.includes('user.traits["team"] → set("red")'), out);
  assert.ok(out.endsWith(`Told: ${OPS}\n`), out);
  assert.match(
    out,
    /Teleport 18\.0\.0 keeps no schedules, from 18\.2\.8 on it does: there, each rule holds/,
  );
  const schedule = `
  schedules:
    office:
      time: {shifts: [{weekday: Monday, start: "09:00", end: "18:00"}]}`;
  await withFiles(
    { "r.yaml": rule("duty", '"true"', schedule) },
    async (path) => {
      const written = await test(
        ...["--request", id, "--rules", path("r.yaml"), ...config],
      );
      assert.match(
        written.out + written.err,
        /does: there, duty would hold day and night\./,
      );
    },
  );

  const none = crypto.randomUUID();
  const missing = await test("--request", none, ...config);
  assert.equal(missing.code, EXIT.config);
  assert.match(missing.err, /Cannot find the access request/);

  world.auth.rules.support = "denied";
  const denied = await test("--request", id, ...config);
  assert.equal(denied.code, EXIT.config);
  assert.match(denied.err, /hint: .*access_monitoring_rule\], verbs: \[list/);
});
