/**
 * Messages as real Teleport 18.0.0 sent them, decoded by the generated code.
 *
 * Each fixture has the same bytes decoded by another decoder beside it. Fields that `proto/` leaves
 * out are taken off that text first, by name, so that a wrong field number cannot pass for one.
 */

import assert from "node:assert/strict";
import { ListAccessMonitoringRulesResponse } from "../../src/teleport/gen/access_monitoring_rules_service.ts";
import {
  Event,
  ListAccessRequestsResponse,
  ListResourcesResponse,
  PingResponse,
  PluginDataSeq,
} from "../../src/teleport/gen/auth_service.ts";
import { AccessRequestV3 } from "../../src/teleport/gen/types/access_request.ts";
import { RoleV6 } from "../../src/teleport/gen/types/role.ts";
import { UserLoginState } from "../../src/teleport/gen/user_login_state_service.ts";
import { GetUserResponse } from "../../src/teleport/gen/users_service.ts";

const FOLDER = new URL("../fixtures/wire/", import.meta.url);

const FIXTURES: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  "event-delete": (bytes) => Event.decode(bytes),
  "event-init": (bytes) => Event.decode(bytes),
  "event-init-partial": (bytes) => Event.decode(bytes),
  "event-put-approved": (bytes) => Event.decode(bytes),
  "event-put-approved-reviews": (bytes) => Event.decode(bytes),
  "event-put-denied": (bytes) => Event.decode(bytes),
  "event-put-denied-review": (bytes) => Event.decode(bytes),
  "event-put-pending": (bytes) => Event.decode(bytes),
  "event-put-pending-bare": (bytes) => Event.decode(bytes),
  "event-put-resources": (bytes) => Event.decode(bytes),
  "event-put-review": (bytes) => Event.decode(bytes),
  "event-rule-delete": (bytes) => Event.decode(bytes),
  "event-rule-put": (bytes) => Event.decode(bytes),
  "event-rule-put-review": (bytes) => Event.decode(bytes),
  "list-access-requests": (bytes) => ListAccessRequestsResponse.decode(bytes),
  "list-access-requests-none": (bytes) =>
    ListAccessRequestsResponse.decode(bytes),
  "list-access-requests-page": (bytes) =>
    ListAccessRequestsResponse.decode(bytes),
  "list-access-requests-pending": (bytes) =>
    ListAccessRequestsResponse.decode(bytes),
  "ping": (bytes) => PingResponse.decode(bytes),
  "plugin-data": (bytes) => PluginDataSeq.decode(bytes),
  "plugin-data-none": (bytes) => PluginDataSeq.decode(bytes),
  "resources-app-server": (bytes) => ListResourcesResponse.decode(bytes),
  "resources-node": (bytes) => ListResourcesResponse.decode(bytes),
  "resources-user-group": (bytes) => ListResourcesResponse.decode(bytes),
  "response-submit-review": (bytes) => AccessRequestV3.decode(bytes),
  "role": (bytes) => RoleV6.decode(bytes),
  "user": (bytes) => GetUserResponse.decode(bytes),
  "user-login-state": (bytes) => UserLoginState.decode(bytes),
  "user-plain": (bytes) => GetUserResponse.decode(bytes),
  "rules": (bytes) => ListAccessMonitoringRulesResponse.decode(bytes),
  "rules-filtered": (bytes) => ListAccessMonitoringRulesResponse.decode(bytes),
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

for (const [name, decode] of Object.entries(FIXTURES)) {
  Deno.test(`${name} decodes to what another decoder reads`, async () => {
    const bytes = await Deno.readFile(new URL(`${name}.bin`, FOLDER));
    const text = await Deno.readTextFile(new URL(`${name}.json`, FOLDER));
    const actual = simplify(decode(bytes), "");
    assert.deepEqual(actual, simplify(JSON.parse(text), ""));
  });
}

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
