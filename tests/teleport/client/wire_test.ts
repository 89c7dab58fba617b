/**
 * Messages as real Teleport 18.0.0 sent them, decoded by the generated code.
 *
 * Each fixture has the same bytes decoded by another decoder beside it. Fields that `proto/` leaves
 * out are taken off that text first, by name, so that a wrong field number cannot pass for one.
 */

import assert from "node:assert/strict";
import { ListAccessMonitoringRulesResponse } from "../../../src/teleport/gen/access_monitoring_rules_service.ts";
import {
  Event,
  ListAccessRequestsResponse,
  ListResourcesResponse,
  PingResponse,
  PluginDataSeq,
} from "../../../src/teleport/gen/auth_service.ts";
import { AccessRequestV3 } from "../../../src/teleport/gen/types/access_request.ts";
import { RoleV6 } from "../../../src/teleport/gen/types/role.ts";
import { UserLoginState } from "../../../src/teleport/gen/user_login_state_service.ts";
import { GetUserResponse } from "../../../src/teleport/gen/users_service.ts";

const FOLDER = new URL("../../fixtures/wire/", import.meta.url);

/** Reads and writes one kind of message. */
interface Codec {
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly encode: (bytes: Uint8Array) => Uint8Array;
}

function codec<T>(
  message: {
    decode(bytes: Uint8Array): T;
    encode(message: T): { finish(): Uint8Array };
  },
): Codec {
  return {
    decode: (bytes) => message.decode(bytes),
    encode: (bytes) => message.encode(message.decode(bytes)).finish(),
  };
}

const EVENT = codec(Event);
const REQUESTS = codec(ListAccessRequestsResponse);
const RESOURCES = codec(ListResourcesResponse);
const RULES = codec(ListAccessMonitoringRulesResponse);

const FIXTURES: Readonly<Record<string, Codec>> = {
  "event-delete": EVENT,
  "event-init": EVENT,
  "event-init-partial": EVENT,
  "event-put-approved": EVENT,
  "event-put-approved-reviews": EVENT,
  "event-put-denied": EVENT,
  "event-put-denied-review": EVENT,
  "event-put-pending": EVENT,
  "event-put-pending-bare": EVENT,
  "event-put-resources": EVENT,
  "event-put-review": EVENT,
  "event-put-start": EVENT,
  "event-put-start-approved": EVENT,
  "event-put-start-moved": EVENT,
  "event-put-start-resource": EVENT,
  "event-put-start-tctl": EVENT,
  "event-rule-delete": EVENT,
  "event-rule-put": EVENT,
  "event-rule-put-review": EVENT,
  "list-access-requests": REQUESTS,
  "list-access-requests-none": REQUESTS,
  "list-access-requests-page": REQUESTS,
  "list-access-requests-pending": REQUESTS,
  "ping": codec(PingResponse),
  "plugin-data": codec(PluginDataSeq),
  "plugin-data-none": codec(PluginDataSeq),
  "resources-app-server": RESOURCES,
  "resources-node": RESOURCES,
  "resources-user-group": RESOURCES,
  "response-submit-review": codec(AccessRequestV3),
  "role": codec(RoleV6),
  "user": codec(GetUserResponse),
  "user-login-state": codec(UserLoginState),
  "user-plain": codec(GetUserResponse),
  "rules": RULES,
  "rules-filtered": RULES,
};

/** Paths, below any parent, of what `proto/` does not declare. */
const UNDECLARED = [
  "accessmonitoringrule.spec.automaticreview",
  "accessmonitoringrule.spec.desiredstate",
  "accessmonitoringrule.spec.states",
  "header",
  "appserver.spec.rotation",
  "appserver.spec.version",
  "app.spec.uri",
  "licenseexpiry",
  "metadata.revision",
  "node.spec.rotation",
  "originalroles",
  "originaltraits",
  "remoteaddr",
  "resolveannotations",
  "reviews.annotations",
  "reviews.roles",
  "reviews.thresholdindexes",
  "rolethresholdmapping",
  "rules.spec.automaticreview",
  "rules.spec.desiredstate",
  "rules.spec.states",
  "serverfeatures",
  "sessionttl",
  "signaturealgorithmsuite",
  "spec.allow.namespaces",
  "spec.deny",
  "spec.options",
  "spec.thresholds",
  "user.spec.createdby",
  "user.spec.expires",
  "user.spec.status",
  "user.status",
  "usertype",
];

for (const [name, { decode, encode }] of Object.entries(FIXTURES)) {
  Deno.test(`${name} decodes to what another decoder reads`, async () => {
    const bytes = await Deno.readFile(new URL(`${name}.bin`, FOLDER));
    const text = await Deno.readTextFile(new URL(`${name}.json`, FOLDER));
    const actual = simplify(decode(bytes), "");
    assert.deepEqual(actual, simplify(JSON.parse(text), ""));
  });

  Deno.test(`${name} comes out whole, with what proto/ leaves out`, async () => {
    const bytes = await Deno.readFile(new URL(`${name}.bin`, FOLDER));
    const again = encode(bytes);
    // Unknown fields are written behind the known ones, so the bytes may be in another order.
    assert.equal(again.length, bytes.length);
    assert.deepEqual(decode(again), decode(bytes));
  });
}

Deno.test("every captured message is tested", async () => {
  const files = await Array.fromAsync(Deno.readDir(FOLDER));
  const names = files.map(({ name }) => name)
    .filter((name) => name.endsWith(".bin"))
    .map((name) => name.slice(0, -".bin".length));
  assert.deepEqual(names.sort(), Object.keys(FIXTURES).sort());
});

/** Enum names that the other decoder writes, with their numbers. */
const ENUM_NUMBERS: Readonly<Record<string, number>> = {
  PUT: 1,
  DELETE: 2,
  PENDING: 1,
  APPROVED: 2,
  DENIED: 3,
  PROMOTED: 4,
};

/** Brings both forms together: names without case and underscores, no empty and no default values. */
function simplify(value: unknown, path: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => simplify(item, path));
    return items.length === 0 ? undefined : items;
  }
  if (value instanceof Map) {
    return simplify(Object.fromEntries(value), path);
  }
  if (typeof value === "object" && value !== null) {
    if ("seconds" in value && "nanos" in value) {
      return formatTime(Number(value.seconds), Number(value.nanos));
    }
    const entries = Object.entries(value).flatMap(([key, child]) => {
      if (key === "_unknownFields") return [];
      const name = key.toLowerCase().replaceAll("_", "");
      const childPath = `${path}.${name}`;
      if (UNDECLARED.some((end) => childPath.endsWith(`.${end}`))) return [];
      const simple = simplify(child, childPath);
      return simple === undefined ? [] : [[name, simple]];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  if (value === "" || value === 0 || value === false) return undefined;
  const isEnum = /\.(type|state|proposedstate)$/.test(path);
  return isEnum ? ENUM_NUMBERS[String(value)] ?? value : value;
}

function formatTime(seconds: number, nanos: number): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(nanos).padStart(9, "0").replace(/(000){1,3}$/, "");
  return fraction === "" ? `${whole}Z` : `${whole}.${fraction}Z`;
}
