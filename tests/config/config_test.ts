import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import { sharedIds } from "../../src/config/sections/users_section.ts";
import {
  ConfigError,
  formatProblem,
  type Problem,
} from "../../src/config/reading/problem.ts";
import { parseConfig } from "../fakes/config.ts";

const pure = { permissions: "none" } as const;

const FILE = "/etc/f.toml";
const A = "123456789012345678";
const B = "223456789012345678";

const IDENTITY = 'identity = "/id"';
const TOKEN = 'token = "aaa.bbb.ccc"';
const ANY = `"*" = "${A}"`;

/** Makes a file; each part is the whole content of its section. */
function file(parts: {
  teleport?: string;
  discord?: string;
  recipients?: string;
  rest?: string;
} = {}): string {
  return [
    "[teleport]", // line 1
    parts.teleport ?? IDENTITY, // line 2
    "[discord]", // line 3
    parts.discord ?? TOKEN, // line 4
    "[role_to_recipients]", // line 5
    parts.recipients ?? ANY, // line 6
    parts.rest ?? "", // line 7
  ].join("\n");
}

function problemsOf(text: string): readonly Problem[] {
  try {
    return parseConfig(text, FILE).problems;
  } catch (error) {
    ok(error instanceof ConfigError);
    return error.problems;
  }
}

/** Each problem as `severity line key: detail | hint`. */
function complaints(text: string): readonly string[] {
  return problemsOf(text).map(({ severity, line, key, detail, hint }) =>
    `${severity} ${line ?? "-"} ${key ?? "-"}: ${detail} | ${hint ?? "-"}`
  );
}

Deno.test("parseConfig() gives each key its default", pure, () => {
  const config: Config = parseConfig(file(), FILE);
  deepStrictEqual({ ...config.teleport }, {
    addr: { host: "localhost", port: 3025, isDefault: true },
    webCaPath: undefined,
    credentials: { kind: "identity", path: "/id" },
    refreshIntervalMs: 60_000,
    resyncIntervalMs: 300_000,
  });
  strictEqual(config.discord.apiUrl, "https://discord.com/api/");
  strictEqual(config.discord.token.kind, "literal");
  deepStrictEqual([...config.routing], [["*", [A]]]);
  deepStrictEqual(config.discord.notices, {
    requester: false,
    reviewers: "mention",
    remindAfterMs: [],
    beforeEndMs: undefined,
    escalations: [],
    threads: false,
  });
  strictEqual(config.discord.userIdTrait, undefined);
  strictEqual(config.mentions.size, 0);
  strictEqual(config.users.size, 0);
  deepStrictEqual(config.log, {
    output: { kind: "stderr" },
    level: "info",
    format: "text",
  });
  deepStrictEqual(config.problems, []);
});

/** Good files: the section's content, and what a part of the configuration then is. */
const values: readonly {
  readonly name: string;
  readonly text: string;
  readonly get: (config: Config) => unknown;
  readonly want: unknown;
}[] = [
  {
    name: "addr",
    text: file({ teleport: `${IDENTITY}\naddr = "t.example.com:443"` }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "t.example.com", port: 443 },
  },
  {
    name: "addr of IPv6",
    text: file({ teleport: `${IDENTITY}\naddr = "[::1]:3025"` }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "::1", port: 3025 },
  },
  {
    name: "an empty addr",
    text: file({ teleport: `${IDENTITY}\naddr = ""` }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "localhost", port: 3025, isDefault: true },
  },
  {
    name: "addr without a port",
    text: file({ teleport: `${IDENTITY}\naddr = "t.example.com"` }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "t.example.com", port: undefined },
  },
  {
    name: "web_ca",
    text: file({ teleport: `${IDENTITY}\nweb_ca = "/ca.pem"` }),
    get: ({ teleport }) => teleport.webCaPath,
    want: "/ca.pem",
  },
  {
    name: "auth_server",
    text: file({ teleport: `${IDENTITY}\nauth_server = "a:3025"` }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "a", port: 3025 },
  },
  {
    name: "auth_server beside addr",
    text: file({
      teleport: `${IDENTITY}\nauth_server = "a:3025"\naddr = "b:3025"`,
    }),
    get: ({ teleport }) => teleport.addr,
    want: { host: "b", port: 3025 },
  },
  {
    name: "the TLS files",
    text: file({
      teleport: 'client_key = "k"\nclient_crt = "c"\nroot_cas = "r"',
    }),
    get: ({ teleport }) => teleport.credentials,
    want: { kind: "tls", keyPath: "k", certificatePath: "c", caPath: "r" },
  },
  {
    name: "refresh_identity_interval as text",
    text: file({
      teleport: `${IDENTITY}\nrefresh_identity = true
refresh_identity_interval = "1m30s"`,
    }),
    get: ({ teleport }) => teleport.refreshIntervalMs,
    want: 90_000,
  },
  {
    name: "refresh_identity_interval in nanoseconds",
    text: file({
      teleport: `${IDENTITY}\nrefresh_identity_interval = 5_000_000_000`,
    }),
    get: ({ teleport }) => teleport.refreshIntervalMs,
    want: 5_000,
  },
  {
    name: "refresh_identity_interval = 0",
    text: file({ teleport: `${IDENTITY}\nrefresh_identity_interval = 0` }),
    get: ({ teleport }) => teleport.refreshIntervalMs,
    want: 60_000,
  },
  {
    name: "a tiny refresh_identity_interval",
    text: file({ teleport: `${IDENTITY}\nrefresh_identity_interval = 1` }),
    get: ({ teleport }) => teleport.refreshIntervalMs,
    want: 1_000,
  },
  {
    name: "resync_interval",
    text: file({ teleport: `${IDENTITY}\nresync_interval = "1.5h"` }),
    get: ({ teleport }) => teleport.resyncIntervalMs,
    want: 5_400_000,
  },
  {
    name: "a token",
    text: file(),
    get: ({ discord: { token } }) =>
      token.kind === "literal" && token.token.reveal(),
    want: "aaa.bbb.ccc",
  },
  ...[
    ["127.0.0.1:80", { kind: "tcp", host: "127.0.0.1", port: 80 }],
    ["[::1]:8080", { kind: "tcp", host: "::1", port: 8080 }],
    ["localhost:9", { kind: "tcp", host: "localhost", port: 9 }],
    [":8080", { kind: "tcp", host: "", port: 8080 }],
    ["unix:/run/x/http.sock", { kind: "unix", path: "/run/x/http.sock" }],
    ["", undefined],
  ].map(([listen, want]) => ({
    name: `a listener at "${listen}"`,
    text: file({ rest: `[http]\nlisten = "${listen}"` }),
    get: ({ http }: Config) => http.listen,
    want,
  })),
  ...["127.0.0.1:80", "[::1]:8080", "localhost:65535"].map((listen) => ({
    name: `no warning of a listener at "${listen}"`,
    text: file({ rest: `[http]\nlisten = "${listen}"` }),
    get: ({ problems }: Config) => problems,
    want: [],
  })),
  {
    name: "a token file",
    text: file({ discord: 'token = "/run/token"' }),
    get: ({ discord }) => discord.token,
    want: { kind: "file", path: "/run/token" },
  },
  ...["./token", "secrets/token", "../token"].map((path) => ({
    name: `a token file at ${path}`,
    text: file({ discord: `token = "${path}"` }),
    get: ({ discord }: Config) => discord.token,
    want: { kind: "file", path },
  })),
  {
    name: "an empty token",
    text: file({ discord: 'token = ""' }),
    get: ({ discord }) => discord.token,
    want: { kind: "none" },
  },
  ...["apiurl", "APIURL", "aPIURL"].map((key) => ({
    name: key,
    text: file({ discord: `${TOKEN}\n${key} = "http://127.0.0.1:8080"` }),
    get: ({ discord }: Config) => discord.apiUrl,
    want: "http://127.0.0.1:8080/",
  })),
  {
    name: "an API URL with a path",
    text: file({ discord: `${TOKEN}\napiurl = "https://x.example/api"` }),
    get: ({ discord }) => discord.apiUrl,
    want: "https://x.example/api/",
  },
  {
    name: "recipients as texts and lists",
    text: file({
      recipients: `dev = "user:${A}"\nops = ["${A}", "${B}", "${A}"]\n${ANY}`,
    }),
    get: ({ routing }) => [...routing],
    want: [["dev", [`user:${A}`]], ["ops", [A, B]], ["*", [A]]],
  },
  {
    name: "a role of a strange name",
    text: file({
      recipients: `__proto__ = "${B}"\n"a.b \\"c\\"" = []\n${ANY}`,
    }),
    get: ({ routing }) => [...routing],
    want: [["__proto__", [B]], ["*", [A]]],
  },
  {
    name: "dotted keys and inline tables",
    text: `teleport.identity = "/id"\ndiscord = { ${TOKEN} }
role_to_recipients."*" = ["${A}"]`,
    get: ({ routing }) => [...routing],
    want: [["*", [A]]],
  },
  {
    name: "mentions as texts and lists",
    text: file({
      rest:
        `[role_to_mentions]\ndev = "user:${A}"\nops = ["role:${A}", "role:${B}", "role:${A}"]\nnone = []\nbad = [1]`,
    }),
    get: ({ mentions }) => [...mentions],
    want: [
      ["dev", [`user:${A}`]],
      ["ops", [`role:${A}`, `role:${B}`]],
      ["none", []],
    ],
  },
  {
    name: "languages, of all and by recipient",
    text: file({
      rest:
        `[messages]\nlanguage = "KO"\n[messages.language_by_recipient]\n"${A}" = "en"\n"user:${B}" = "ko"`,
    }),
    get: (
      { messages },
    ) => [messages.language, [...messages.languageByRecipient]],
    want: ["ko", [[A, "en"], [`user:${B}`, "ko"]]],
  },
  {
    name: "what is hidden, from all and by recipient",
    text: file({
      rest:
        `[messages]\nhide = ["logins", "reason", "logins"]\n[messages.hide_by_recipient]\n"${A}" = []\n"user:${B}" = "user"`,
    }),
    get: ({ messages }) => [messages.hide, [...messages.hideByRecipient]],
    want: [["reason", "logins"], [[A, []], [`user:${B}`, ["user"]]]],
  },
  {
    name: "nothing hidden",
    text: file({ rest: `[messages]\nhide = ""` }),
    get: ({ messages }) => [messages.hide, messages.hideByRecipient.size],
    want: [[], 0],
  },
  {
    name: "no language",
    text: file({ rest: `[messages]\nlanguage = ""` }),
    get: (
      { messages },
    ) => [messages.language, messages.languageByRecipient.size],
    want: [undefined, 0],
  },
  {
    name: "users",
    text: file({
      rest: `[users]\nalice = "${A}"\n"bob@example.com" = "${B}"\nx = 1`,
    }),
    get: ({ users }) => [[...users], sharedIds(users)],
    want: [[["alice", A], ["bob@example.com", B]], []],
  },
  {
    name: "users that share a Discord user",
    text: file({ rest: `[users]\nalice = "${A}"\nroot = "${A}"` }),
    get: ({ users }) => [users.get("root"), sharedIds(users)],
    want: [A, [[A, ["alice", "root"]]]],
  },
  {
    name: "notices",
    text: file({
      discord:
        `${TOKEN}\nnotify_requester = true\nnotify_suggested_reviewers = "DM"\nremind_after = "30m"\nnotify_before_end = "15m"\nthread_per_request = true`,
    }),
    get: ({ discord }) => discord.notices,
    want: {
      requester: true,
      reviewers: "dm",
      remindAfterMs: [1_800_000],
      beforeEndMs: 900_000,
      escalations: [],
      threads: true,
    },
  },
  {
    name: "escalations",
    text: file({
      rest: `[[escalation]]
after = "1h"
roles = ["prod-root", "db-admin"]
recipients = ["${A}", "user:${B}", "${A}"]
mentions = "role:${A}"
[[escalation]]
after = "90s"
recipients = "${B}"`,
    }),
    get: ({ discord }) => discord.notices.escalations,
    want: [
      {
        afterMs: 3_600_000,
        roles: ["prod-root", "db-admin"],
        recipients: [A, `user:${B}`],
        mentions: [`role:${A}`],
      },
      { afterMs: 90_000, roles: undefined, recipients: [B], mentions: [] },
    ],
  },
  ...Object.entries({
    '["30m", "2h"]': [1_800_000, 7_200_000],
    '["90s"]': [90_000],
    "[]": [],
    '""': [],
    '"0"': [],
  }).map(([value, want]) => ({
    name: `reminders after ${value}`,
    text: file({ discord: `${TOKEN}\nremind_after = ${value}` }),
    get: ({ discord }: Config) => discord.notices.remindAfterMs,
    want,
  })),
  ...Object.entries({
    'user_id_trait = "x"': "x",
    'user_id_trait = ""': undefined,
    "notify_requester = true": "discord_id",
    'notify_suggested_reviewers = "mention"': "discord_id",
    'notify_suggested_reviewers = ""': undefined,
    'notify_suggested_reviewers = "off"': undefined,
    'remind_after = "1h"': undefined,
    'notify_before_end = "1h"': "discord_id",
    'notify_before_end = "0"': undefined,
  }).map(([line, want]) => ({
    name: `the trait beside ${line}`,
    text: file({ discord: `${TOKEN}\n${line}` }),
    get: ({ discord }: Config) => discord.userIdTrait,
    want,
  })),
  {
    name: "the trait beside users",
    text: file({ rest: `[users]\nalice = "${A}"` }),
    get: ({ discord }) => discord.userIdTrait,
    want: "discord_id",
  },
  ...Object.entries({
    stderr: { kind: "stderr" },
    error: { kind: "stderr" },
    2: { kind: "stderr" },
    "": { kind: "stderr" },
    "/dev/stderr": { kind: "stderr" },
    "/dev/stdout": { kind: "stdout" },
    stdout: { kind: "stdout" },
    out: { kind: "stdout" },
    1: { kind: "stdout" },
    "/var/log/x.log": { kind: "file", path: "/var/log/x.log" },
  }).map(([output, want]) => ({
    name: `output = "${output}"`,
    text: file({ rest: `[log]\noutput = "${output}"` }),
    get: ({ log }: Config) => log.output,
    want,
  })),
  ...Object.entries({
    DEBUG: "debug",
    info: "info",
    warn: "warning",
    Warning: "warning",
    err: "error",
    error: "error",
    trace: "trace",
    "": "info",
  }).map(([severity, want]) => ({
    name: `severity = "${severity}"`,
    text: file({ rest: `[log]\nseverity = "${severity}"` }),
    get: ({ log }: Config) => log.level,
    want,
  })),
  {
    name: "format",
    text: file({ rest: '[log]\nformat = "json"' }),
    get: ({ log }) => log.format,
    want: "json",
  },
];

for (const { name, text, get, want } of values) {
  Deno.test(`parseConfig() reads ${name}`, pure, () => {
    deepStrictEqual(get(parseConfig(text, FILE)), want);
  });
}

const ROUTES = `"*" = ["${A}"]`.replace(A, "123456789012345678");
const COPY =
  "in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID";

/** Files with mistakes, and everything that is said of them. */
const mistakes: readonly {
  readonly name: string;
  readonly text: string;
  readonly want: readonly string[];
}[] = [
  {
    name: "an empty file",
    text: "",
    want: [
      "fault - teleport: no credentials configured | set identity to the path of an identity file, made with `tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=identity`",
      `fault - role_to_recipients: expected a section that says who is told, found none | add [role_to_recipients] and below it ${ROUTES}`,
    ],
  },
  {
    name: "scalars in place of sections",
    text: `teleport = 1\ndiscord = "x"\nrole_to_recipients = "${A}"\nlog = []`,
    want: [
      "fault 1 teleport: expected a table, found a number | write [teleport] on a line of its own and its keys below it",
      "fault 1 teleport: no credentials configured | set identity to the path of an identity file, made with `tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=identity`",
      "fault 2 discord: expected a table, found a string | write [discord] on a line of its own and its keys below it",
      "fault 3 role_to_recipients: expected a table, found a string | write [role_to_recipients] on a line of its own and its keys below it",
      `fault 3 role_to_recipients."*": expected recipients for every role without an entry of its own, found none | add ${ROUTES} below [role_to_recipients]`,
      "fault 4 log: expected a table, found a list | write [log] on a line of its own and its keys below it",
    ],
  },
  ...([
    ["https://t.example.com:443/", "t.example.com:443"],
    ["https://t.example.com/web/cluster/x", "t.example.com:443"],
    ["https://t.example.com:3080/web?a=b", "t.example.com:3080"],
    ["http://t.example.com", "t.example.com"],
    ["t.example.com:3080/web", "t.example.com:3080"],
  ] as const).map(([addr, inUrl]) => ({
    name: `addr = "${addr}"`,
    text: file({ teleport: `${IDENTITY}\naddr = "${addr}"` }),
    want: [
      `fault 3 teleport.addr: expected "host:port", found a web address, "${addr}" | write "${inUrl}"`,
    ],
  })),
  {
    name: "addr with a port out of range",
    text: file({ teleport: `${IDENTITY}\naddr = "t:70000"` }),
    want: [
      'fault 3 teleport.addr: expected a port from 1 to 65535, found 70000 | write such as "teleport.example.com:443" for the Proxy, or with port 3025 for the Auth Service',
    ],
  },
  {
    name: "IPv6 addresses that are none",
    text: file({
      teleport: `${IDENTITY}\naddr = "[1::2::3]:3025"`,
      rest: '[http]\nlisten = "[::::]:80"',
    }),
    want: [
      'fault 3 teleport.addr: expected "host:port", found "[1::2::3]:3025" | write such as "teleport.example.com:443" for the Proxy, or with port 3025 for the Auth Service',
      'fault 9 http.listen: expected "host:port" or "unix:/path", found "[::::]:80" | write such as "127.0.0.1:8080"',
    ],
  },
  {
    name: "addr with blanks",
    text: file({ teleport: `${IDENTITY}\naddr = "t :1"` }),
    want: [
      'fault 3 teleport.addr: expected "host:port", found "t :1" | write such as "teleport.example.com:443" for the Proxy, or with port 3025 for the Auth Service',
    ],
  },
  {
    name: "auth_server",
    text: file({ teleport: `${IDENTITY}\nauth_server = "a:3025"` }),
    want: [
      "warning 3 teleport.auth_server: Configuration setting `auth_server` is deprecated, consider to change it to `addr` | -",
    ],
  },
  {
    name: "values of the wrong type",
    text: file({
      teleport: 'identity = 1\nrefresh_identity = "yes"\naddr = true',
    }),
    want: [
      "fault 2 teleport.identity: expected a string, found the number 1 | put the value in quotes",
      'fault 3 teleport.refresh_identity: expected true or false, found "yes" | write true or false, without quotes',
      "fault 4 teleport.addr: expected a string, found true | put the value in quotes",
    ],
  },
  {
    name: "one of the TLS files",
    text: file({ teleport: 'client_crt = "c"' }),
    want: [
      "fault 2 teleport.client_crt: expected client_key, client_crt and root_cas together, found no client_key and root_cas | set all three, or an identity file instead of them",
    ],
  },
  {
    name: "both kinds of credentials",
    text: file({ teleport: `${IDENTITY}\nroot_cas = "r"` }),
    want: [
      "fault 2 teleport.identity: expected either identity or client_key, client_crt and root_cas, found both | keep identity, or remove it and keep the others",
      "fault 3 teleport.root_cas: expected client_key, client_crt and root_cas together, found no client_key and client_crt | set all three, or an identity file instead of them",
    ],
  },
  {
    name: "refresh_identity without an identity",
    text: file({
      teleport:
        'refresh_identity = true\nclient_key = "k"\nclient_crt = "c"\nroot_cas = "r"',
    }),
    want: [
      "fault 2 teleport.refresh_identity: expected identity to be set as well, found no identity | set identity, or remove refresh_identity: only an identity file can be refreshed",
    ],
  },
  {
    name: "no credentials",
    text: file({ teleport: 'addr = "a:1"\nidentity = ""' }),
    want: [
      "fault 1 teleport: no credentials configured | set identity to the path of an identity file, made with `tctl auth sign --user=teleport-discord --ttl=720h --overwrite --out=identity`",
    ],
  },
  {
    name: "durations",
    text: file({
      teleport:
        `${IDENTITY}\nrefresh_identity_interval = "-1m"\nresync_interval = 300`,
    }),
    want: [
      'fault 3 teleport.refresh_identity_interval: expected a duration such as "1m30s", found "-1m" | use numbers with the units h, m, s or ms, in quotes',
      'fault 4 teleport.resync_interval: expected a duration such as "1m30s", found the number 300 | write the unit and the quotes, such as "300s"',
    ],
  },
  {
    name: "intervals that are too short",
    text: file({
      teleport:
        `${IDENTITY}\nrefresh_identity_interval = "1ms"\nresync_interval = "0s"`,
    }),
    want: [
      'warning 3 teleport.refresh_identity_interval: Interval below one second, one second is used | write it with its unit, such as "1m"',
      'fault 4 teleport.resync_interval: expected at least "1s", found "0s" | leave the key out for 5 minutes',
    ],
  },
  {
    name: "apiurl",
    text: file({ discord: `${TOKEN}\napiurl = "discord.com/api"` }),
    want: [
      'fault 5 discord.apiurl: expected "https://host/path/", found "discord.com/api" | leave the key out: only tests and proxies need another address than Discord\'s',
    ],
  },
  {
    name: "apiurl with a password",
    text: file({ discord: `${TOKEN}\napiurl = "https://me:hush@x.example/"` }),
    want: [
      'fault 5 discord.apiurl: expected "https://host/path/", found another form of address | leave the key out: only tests and proxies need another address than Discord\'s',
    ],
  },
  {
    name: "apiurl twice, and without TLS",
    text: file({
      discord:
        `${TOKEN}\napiurl = "https://x.example/"\nAPIURL = "http://x.example/"`,
    }),
    want: [
      "warning 5 discord.apiurl: Key without effect beside APIURL | remove one of them",
      "warning 6 discord.APIURL: Address without TLS: the bot token crosses the network in clear text | write https:// if the server can",
    ],
  },
  {
    name: "an empty *",
    text: file({ recipients: '"*" = []' }),
    want: [
      `fault 6 role_to_recipients."*": expected at least one recipient, found [] | write ${ROUTES}`,
    ],
  },
  {
    name: "an empty text under *",
    text: file({ recipients: '"*" = ""' }),
    want: [
      `fault 6 role_to_recipients."*": expected at least one recipient, found "" | write ${ROUTES}`,
    ],
  },
  {
    name: "a bad recipient under *",
    text: file({ recipients: `"*" = [\n"${A}",\n"#general"]` }),
    want: [
      `fault 8 role_to_recipients."*"[1]: expected a channel ID or "user:" and a user ID, found "#general" | write the ID of the channel, not its name: ${COPY}`,
    ],
  },
  {
    name: "a bad recipient elsewhere",
    text: file({ recipients: `dev = 123456789012345678\n${ANY}` }),
    want: [
      'error 6 role_to_recipients.dev: expected a channel ID or "user:" and a user ID, found the number 123456789012345678; it is left out | put the ID in quotes: "123456789012345678"; as a number it can lose digits',
    ],
  },
  {
    name: "a role without recipients",
    text: file({ recipients: `dev = []\n${ANY}` }),
    want: [
      'warning 6 role_to_recipients.dev: Role without recipients | its requests go to the recipients under "*"',
    ],
  },
  {
    name: "the log section",
    text: file({
      rest:
        '[log]\noutput = "syslog"\nseverity = "warnign"\nformat = "xml"\ncolour = 1',
    }),
    want: [
      'fault 8 log.output: expected "stderr", "stdout" or the path of a file, found "syslog" | write "stderr": systemd and container runtimes collect it',
      'fault 9 log.severity: expected one of error, warn, info, debug, trace, found "warnign" | did you mean "warning"?',
      'fault 10 log.format: expected one of text, json, found "xml" | leave the key out for the default',
      "warning 11 log.colour: Unknown key | it is ignored; the keys of [log] are output, severity, format",
    ],
  },
  {
    name: "unknown keys and sections",
    text: `token = "x"\nTeleportUser = "x"\nspeed = 1\n${
      file({
        discord: `${TOKEN}\napi_url = "x"\naddr = "x"\nrecipients = []`,
        rest: "[logs]\n[discord.log]\n[speed2]",
      })
    }`,
    want: [
      "warning 1 token: Unknown key | this key belongs below [discord]",
      "warning 2 TeleportUser: Key without effect | remove it",
      "warning 3 speed: Unknown key | it is ignored; the sections are teleport, discord, log, http, review, messages, escalation, role_to_recipients, role_to_mentions, users",
      'warning 8 discord.api_url: Unknown key | it is ignored; did you mean "apiurl"?',
      "warning 9 discord.addr: Unknown key | this key belongs below [teleport]",
      "warning 10 discord.recipients: Key without effect | write the recipients below [role_to_recipients]",
      "warning 13 logs: Unknown section | it is ignored; did you mean [log]?",
      "warning 14 discord.log: Unknown key | it is ignored; the keys of [discord] are token, apiurl, notify_requester, notify_suggested_reviewers, remind_after, notify_before_end, thread_per_request, user_id_trait",
      "warning 15 speed2: Unknown section | it is ignored; the sections are teleport, discord, log, http, review, messages, escalation, role_to_recipients, role_to_mentions, users",
    ],
  },
  {
    name: "a listener that is no address",
    text: file({ rest: '[http]\nlisten = "8080"' }),
    want: [
      'fault 8 http.listen: expected "host:port" or "unix:/path", found "8080" | write listen = "127.0.0.1:8080"',
    ],
  },
  ...([
    ["8080", "the number 8080", 'write listen = "127.0.0.1:8080"'],
    ["99999", "the number 99999", 'write such as "127.0.0.1:8080"'],
    ["true", "true", 'write such as "127.0.0.1:8080"'],
    [
      '"http://0.0.0.0:8080/metrics"',
      '"http://0.0.0.0:8080/metrics"',
      'write listen = "0.0.0.0:8080"',
    ],
    ['"/run/x.sock"', '"/run/x.sock"', 'write listen = "unix:/run/x.sock"'],
  ] as const).map(([value, found, hint]) => ({
    name: `listen = ${value}`,
    text: file({ rest: `[http]\nlisten = ${value}` }),
    want: [
      `fault 8 http.listen: expected "host:port" or "unix:/path", found ${found} | ${hint}`,
    ],
  })),
  {
    name: "keys about people",
    text: file({
      discord:
        `${TOKEN}\nnotify_requester = true\nnotify_suggested_reviewers = "dm"\nremind_after = "1h"\nuser_id_trait = "x"`,
      rest: `[role_to_mentions]\n"*" = ["role:${A}"]\n[users]\nbob = "${A}"`,
    }),
    want: [],
  },
  {
    name: "mistakes about people",
    text: file({
      discord:
        `${TOKEN}\nnotify_requester = "yes"\nnotify_suggested_reviewers = "mentoin"\nremind_after = 30\nuser_id_trait = 1`,
      rest:
        `[role_to_mentions]\ndev = ["@everyone", "role:${A}"]\nops = 1\n[users]\nbob = 1`,
    }),
    want: [
      'fault 5 discord.notify_requester: expected true or false, found "yes" | write true or false, without quotes',
      'fault 6 discord.notify_suggested_reviewers: expected one of mention, dm, off, found "mentoin" | did you mean "mention"?',
      'fault 7 discord.remind_after: expected a duration such as "1m30s", found the number 30 | write the unit and the quotes, such as "30s"',
      "fault 8 discord.user_id_trait: expected a string, found the number 1 | put the value in quotes",
      'error 12 role_to_mentions.dev[0]: expected "role:" or "user:" and an ID, found "@everyone"; it is left out | write such as "role:123456789012345678"; Developer Mode in Discord\'s settings offers Copy ID',
      'error 13 role_to_mentions.ops: expected "role:" or "user:" and an ID, found the number 1; it is left out | put the ID in quotes: "1"; as a number it can lose digits',
      'error 15 users.bob: expected a user ID of 17 to 20 digits, found the number 1; it is left out | put the ID in quotes: "1"; as a number it can lose digits',
    ],
  },
  {
    name: "names with a dot and without quotes",
    text: file({
      rest: `[role_to_mentions]
dev.ops = "role:${A}"
[users]
alice.b.smith = "${A}"
[role_to_recipients.dev]
ops = "${A}"`,
    }),
    want: [
      'error 8 role_to_mentions.dev: expected "role:" or "user:" and an ID, found a table; it is left out | put a name with a dot in it in quotes: "dev.ops"',
      'error 10 users.alice: expected a user ID of 17 to 20 digits, found a table; it is left out | put a name with a dot in it in quotes: "alice.b.smith"',
      'error 11 role_to_recipients.dev: expected a channel ID or "user:" and a user ID, found a table; it is left out | put a name with a dot in it in quotes: "dev.ops"',
    ],
  },
  ...([
    ['"kr"', '"kr"', 'did you mean "ko"?'],
    ['"ko-KR"', '"ko-KR"', 'write "ko"'],
    ['"en_US"', '"en_US"', 'write "en"'],
    ['"Korean"', '"Korean"', 'did you mean "ko"?'],
    ['"한국어"', '"한국어"', 'did you mean "ko"?'],
    [
      '"klingon"',
      '"klingon"',
      "leave the key out for English; docs/languages.md says how to add a language",
    ],
    [
      "1",
      "the number 1",
      "leave the key out for English; docs/languages.md says how to add a language",
    ],
  ] as const).map(([value, found, hint]) => ({
    name: `language = ${value}`,
    text: file({ rest: `[messages]\nlanguage = ${value}` }),
    want: [
      `fault 8 messages.language: expected one of en, ko, found ${found} | ${hint}`,
    ],
  })),
  {
    name: "mistakes about languages of recipients",
    text: file({
      rest:
        `[messages]\nlang = "ko"\n[messages.language_by_recipient]\n"#access" = "ko"\n"${A}" = "kr"\n12 = "ko"`,
    }),
    want: [
      "warning 8 messages.lang: Unknown key | it is ignored; the keys of [messages] are language, language_by_recipient, hide, hide_by_recipient",
      'error 10 messages.language_by_recipient."#access": expected a channel ID or "user:" and a user ID, found "#access"; it is left out | write the ID of the channel, not its name: in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID',
      `error 11 messages.language_by_recipient.${A}: expected one of en, ko, found "kr"; it is left out | did you mean "ko"?`,
      'error 12 messages.language_by_recipient.12: expected a channel ID or "user:" and a user ID, found "12"; it is left out | an ID has 17 to 20 digits: in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID',
    ],
  },
  {
    name: "mistakes about what is hidden, none of which may show anything",
    text: file({
      rest:
        `[messages]\nhide = ["reasons", 1, "everything"]\n[messages.hide_by_recipient]\n"#access" = ["user"]\n"${A}" = "login"`,
    }),
    want: [
      'fault 8 messages.hide[0]: expected one of user, roles, reason, review_reasons, resources, logins, found "reasons" | did you mean "reason"?',
      'fault 8 messages.hide[1]: expected one of user, roles, reason, review_reasons, resources, logins, found the number 1 | write a list such as ["reason", "logins"]',
      'fault 8 messages.hide[2]: expected one of user, roles, reason, review_reasons, resources, logins, found "everything" | write a list such as ["reason", "logins"]',
      'fault 10 messages.hide_by_recipient."#access": expected a channel ID or "user:" and a user ID, found "#access" | write the ID of the channel, not its name: in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID',
      `fault 11 messages.hide_by_recipient.${A}: expected one of user, roles, reason, review_reasons, resources, logins, found "login" | did you mean "logins"?`,
    ],
  },
  {
    name: "languages of recipients that are no table",
    text: file({ rest: `[messages]\nlanguage_by_recipient = "ko"` }),
    want: [
      "fault 8 messages.language_by_recipient: expected a table, found a string | write [messages.language_by_recipient] on a line of its own and its keys below it",
    ],
  },
  {
    name: "a reminder at once",
    text: file({ discord: `${TOKEN}\nremind_after = "10ms"` }),
    want: [
      'fault 5 discord.remind_after: expected at least "1s", found "10ms" | leave the key out for no reminders',
    ],
  },
  {
    name: "a notice as access ends",
    text: file({ discord: `${TOKEN}\nnotify_before_end = "10ms"` }),
    want: [
      'fault 5 discord.notify_before_end: expected at least "1s", found "10ms" | leave the key out to tell nobody',
    ],
  },
  {
    name: "a notice before the end in other units",
    text: file({ discord: `${TOKEN}\nnotify_before_end = 15` }),
    want: [
      'fault 5 discord.notify_before_end: expected a duration such as "1m30s", found the number 15 | write the unit and the quotes, such as "15s"',
    ],
  },
  {
    name: "an escalation in single brackets",
    text: file({ rest: `[escalation]\nafter = "1h"\nrecipients = "${A}"` }),
    want: [
      "fault 7 escalation: expected tables below [[escalation]], found a table | write [[escalation]], with two brackets, above the keys of each",
    ],
  },
  {
    name: "escalations that say too little or too much",
    text: file({
      rest: `[[escalation]]
after = "1h"
role = "dev"
recipients = ["${A}", "#ops"]
mentions = ["@here"]
[[escalation]]
roles = []
recipients = []
[[escalation]]
after = 60
roles = ["*"]
recipients = "${A}"
[[escalation]]
after = "500ms"
recipients = "${A}"`,
    }),
    want: [
      'warning 9 escalation[0].role: Unknown key | it is ignored; did you mean "roles"?',
      'error 10 escalation[0].recipients[1]: expected a channel ID or "user:" and a user ID, found "#ops"; it is left out | write the ID of the channel, not its name: in Discord turn on Settings > Advanced > Developer Mode, then right-click the channel and choose Copy Channel ID',
      `error 11 escalation[0].mentions[0]: expected "role:" or "user:" and an ID, found "@here"; it is left out | write such as "role:123456789012345678"; Developer Mode in Discord's settings offers Copy ID`,
      'fault 12 escalation[1].after: expected how long a request may wait for a decision, found nothing | add a time such as after = "1h"',
      "fault 13 escalation[1].roles: expected at least one role, found [] | leave roles out for the requests of all roles",
      'fault 14 escalation[1].recipients: expected who else is told, found nobody | add such as recipients = ["123456789012345678"]',
      'fault 16 escalation[2].after: expected a duration such as "1m30s", found the number 60 | write the unit and the quotes, such as "60s"',
      'fault 17 escalation[2].roles[0]: expected the name of a role, found "*" | leave roles out for the requests of all roles',
      'fault 20 escalation[3].after: expected at least "1s", in whole seconds, found "500ms" | write a time such as "1h"',
    ],
  },
  {
    name: "reminders that do not grow, or are none",
    text: file({
      discord:
        `${TOKEN}\nremind_after = [\n  "30m",\n  "2h",\n  "120m",\n  "0",\n  "soon",\n  60,\n]`,
    }),
    want: [
      'fault 8 discord.remind_after[2]: expected more than "2h", found "120m" | write growing times, each counted from the request on, such as ["30m", "2h"]',
      'fault 9 discord.remind_after[3]: expected at least "1s", found "0" | leave the key out for no reminders',
      'fault 10 discord.remind_after[4]: expected a duration such as "1m30s", found "soon" | use numbers with the units h, m, s or ms, in quotes',
      'fault 11 discord.remind_after[5]: expected a duration such as "1m30s", found the number 60 | write the unit and the quotes, such as "60s"',
    ],
  },
  {
    name: "two Teleport users that are one Discord user",
    text: file({
      rest: `[users]\nalice = "${A}"\nbob = "${B}"\nalice-admin = "${A}"`,
    }),
    want: [
      `warning 10 users.alice-admin: Same Discord user as "alice" | who is meant by ${A} cannot be told; give each Teleport user a Discord user of its own`,
    ],
  },
  {
    name: "a rule for reasons that does not exist",
    text: file({ rest: '[review]\nenabled = "yes"\nrequire_reason = "alway"' }),
    want: [
      'fault 8 review.enabled: expected true or false, found "yes" | write true or false, without quotes',
      'fault 9 review.require_reason: expected one of never, deny, always, found "alway" | did you mean "always"?',
    ],
  },
  {
    name: "a listener for everybody",
    text: file({ rest: '[http]\nlisten = "0.0.0.0:8080"' }),
    want: [
      'warning 8 http.listen: Address that other machines can reach | write "127.0.0.1" as the host unless a probe comes from outside',
    ],
  },
  {
    name: "a key without quotes",
    text: `[role_to_recipients]\n* = "${A}"`,
    want: [
      'fault 2 -: column 1: expected TOML, found a mistake: unexpected text | put a key with other characters than letters, digits, - and _ in quotes, such as "*"',
    ],
  },
  {
    name: "text without quotes",
    text: "[log]\noutput = stderr",
    want: [
      "fault 2 -: column 10: expected TOML, found a mistake: unexpected text | put text in quotes",
    ],
  },
  {
    name: "typographic quotes",
    text: "[log]\noutput = “stderr”",
    want: [
      'fault 2 -: column 10: expected TOML, found a mistake: unexpected text | write straight quotes, "…", instead of typographic ones',
    ],
  },
  {
    name: "a key in typographic quotes",
    text: `[role_to_recipients]\n“*” = "${A}"`,
    want: [
      'fault 2 -: column 1: expected TOML, found a mistake: unexpected text | write straight quotes, "…", instead of typographic ones',
    ],
  },
  {
    name: "paths that only a shell understands",
    text: file({
      teleport: 'identity = "~/identity"\nweb_ca = "$PWD/ca"',
      rest: '[log]\noutput = "~/log"',
    }),
    want: [
      'fault 2 teleport.identity: expected the path of a file, found "~/identity" | write the whole path, starting with /: ~ and variables are not replaced here',
      'fault 3 teleport.web_ca: expected the path of a file, found "$PWD/ca" | write the whole path, starting with /: ~ and variables are not replaced here',
      'fault 9 log.output: expected the path of a file, found "~/log" | write the whole path, starting with /: ~ and variables are not replaced here',
    ],
  },
  {
    name: "an open string",
    text: '[log]\noutput = "stderr\nseverity = "info"',
    want: [
      "fault 2 -: column 17: expected TOML, found a mistake: unfinished string | close the quotes on the same line",
    ],
  },
  {
    name: "a section twice",
    text: "[log]\n[teleport]\n[log]",
    want: [
      "fault 3 -: column 2: expected TOML, found a mistake: key or section written twice | write each section and each key once",
    ],
  },
  {
    name: "JSON",
    text: '{"teleport": {"addr": "a:1"}}',
    want: [
      "fault 1 -: expected TOML, found JSON | write sections and keys: `teleport-discord configure` prints an example",
    ],
  },
  {
    name: "YAML",
    text: `# mine\n\nteleport:\n  addr: a:1\nrole_to_recipients:\n  "*": [1]`,
    want: [
      'fault 3 -: expected TOML, found YAML | write [teleport] for "teleport:", and key = value below it: `teleport-discord configure` prints an example',
    ],
  },
  {
    name: "YAML with the mark of a document",
    text: "---\nteleport: {addr: a:1}",
    want: [
      "fault 1 -: expected TOML, found YAML | write sections as [teleport] and keys as key = value: `teleport-discord configure` prints an example",
    ],
  },
  {
    name: "an identity file",
    text: "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----",
    want: [
      "fault 1 -: expected TOML, found a key or a certificate | name the configuration by --config, and this file by identity in it",
    ],
  },
  {
    name: "TOML with one line of YAML",
    text: '[teleport]\naddr: "a:1"',
    want: [
      "fault 2 -: column 5: expected TOML, found a mistake: unexpected text | write = between key and value",
    ],
  },
];

for (const { name, text, want } of mistakes) {
  Deno.test(`parseConfig() tells of ${name}`, pure, () => {
    deepStrictEqual(complaints(text), want);
  });
}

const WHERE =
  "copy the token from the Bot page of the application in the Discord developer portal";

/** Tokens, and what is said of them. */
const tokens: readonly (readonly [string, string, string])[] = [
  [
    "secret-token",
    "fault",
    `expected a bot token, found the sample value | ${WHERE}`,
  ],
  [
    "XXXXXXXXX",
    "fault",
    `expected a bot token, found the sample value | ${WHERE}`,
  ],
  [
    "Bot aaa.bbb.ccc",
    "fault",
    'expected a bot token alone, found "Bot " before it | remove the word "Bot" and the blank behind it',
  ],
  [
    "aaa.bbb ccc",
    "fault",
    `expected a bot token, found white space in it | ${WHERE}; it is one word`,
  ],
  [
    "aaa.bbb.ccc\\n",
    "fault",
    `expected a bot token, found white space in it | ${WHERE}; it is one word`,
  ],
  [
    "aaa.bbb.ccč",
    "fault",
    `expected a bot token, found characters that no token has | ${WHERE}`,
  ],
  [
    "000000",
    "warning",
    `Bot token without the usual form of three parts with dots between | if Discord refuses it, ${WHERE}`,
  ],
  [
    "aaa..ccc",
    "warning",
    `Bot token without the usual form of three parts with dots between | if Discord refuses it, ${WHERE}`,
  ],
  [
    "https://discord.com/api/webhooks/1/x",
    "fault",
    `expected a bot token, found a web address | ${WHERE}: an invitation or a webhook does not do`,
  ],
  ...["~/token", "$HOME/token", "C:\\\\token", "$TOKEN"].map((
    path,
  ) =>
    [
      path,
      "fault",
      "expected a bot token, found a path or a variable | write the token itself, or the path of a file with it, such as ./token: ~ and variables are not replaced here",
    ] as const
  ),
  [
    "DISCORD_TOKEN=aaa.bbb.ccc",
    "fault",
    'expected a bot token alone, found a name and "=" before it | remove the name and the "="',
  ],
  ...["'aaa.bbb.ccc'", '\\"aaa.bbb.ccc\\"', "'aaa.bbb.ccc"].map((quoted) =>
    [
      quoted,
      "fault",
      "expected a bot token alone, found quotes around it | remove the quotes around the token",
    ] as const
  ),
];

for (const [token, severity, want] of tokens) {
  Deno.test(
    `parseConfig() tells of the token ${JSON.stringify(token)}`,
    pure,
    () => {
      const text = file({ discord: `token = "${token}"` });
      deepStrictEqual(complaints(text), [
        `${severity} 4 discord.token: ${want}`,
      ]);
    },
  );
}

Deno.test("parseConfig() does not show a token of another type", pure, () => {
  const text = file({ discord: "token = 123456" });
  deepStrictEqual(complaints(text), [
    "fault 4 discord.token: expected a string, found a number | put the value in quotes",
  ]);
});

Deno.test(
  "ConfigError names its first fault and counts the others",
  pure,
  () => {
    throws(() => parseConfig("[teleport]\nspeed = 1", FILE), {
      name: "OperatorError",
      message:
        "/etc/f.toml:1: teleport: no credentials configured (and 1 more)",
      hint: /^set identity/,
    });
  },
);

Deno.test("formatProblem() leaves out what is not known", pure, () => {
  const problem = {
    severity: "fault",
    file: FILE,
    line: undefined,
    key: undefined,
    detail: "expected a, found b",
    hint: undefined,
  } as const;
  strictEqual(formatProblem(problem), "/etc/f.toml: expected a, found b");
  strictEqual(
    formatProblem({ ...problem, line: 12, key: 'role_to_recipients."*"' }),
    '/etc/f.toml:12: role_to_recipients."*": expected a, found b',
  );
});
