/**
 * What a newer server may send, as bytes: nothing here is made by the code that reads it.
 */

import assert from "node:assert/strict";
import {
  type AccessRequest,
  hasHiddenParts,
} from "../../../src/ports/access_request.ts";
import {
  convertAccessRequest,
  convertEvent,
} from "../../../src/teleport/client/convert.ts";
import {
  Event,
  ListAccessRequestsResponse,
} from "../../../src/teleport/gen/auth_service.ts";
import { AccessRequestV3 } from "../../../src/teleport/gen/types/access_request.ts";

const FOLDER = new URL("../../fixtures/wire/", import.meta.url);
const UTF8 = new TextEncoder();

type Bytes = readonly number[];

/** Returns a field of a message: its number, how many bytes follow, those bytes. */
function field(number: number, ...parts: (Bytes | string)[]): Bytes {
  const bytes = parts.flatMap((part) =>
    typeof part === "string" ? [...UTF8.encode(part)] : [...part]
  );
  return [...varint(number << 3 | 2), ...varint(bytes.length), ...bytes];
}

/** Returns a field that holds a number. */
function numberField(number: number, value: number): Bytes {
  return [...varint(number << 3), ...varint(value)];
}

function varint(value: number): Bytes {
  return value < 128 ? [value] : [value & 127 | 128, ...varint(value >>> 7)];
}

/** Decodes a request whose spec holds these fields. */
function request(...spec: Bytes[]): AccessRequest {
  const bytes = [...field(4, field(1, "id")), ...field(5, ...spec)];
  return convertAccessRequest(AccessRequestV3.decode(Uint8Array.from(bytes)));
}

const ID = [field(1, "c"), field(2, "node"), field(3, "web-1")];

/** A resource in its newer form. */
function access(...more: Bytes[]): Bytes {
  return field(26, field(1, ...ID), ...more);
}

Deno.test("the start of access is field 21, and of a review field 10", () => {
  const { accessStarts, reviews, unknownFields } = request(
    field(12, field(1, "rita"), field(10, numberField(1, 1_800_003_600))),
    field(21, numberField(1, 1_800_000_000)),
  );
  assert.deepEqual(accessStarts, new Date("2027-01-15T08:00:00Z"));
  assert.deepEqual(
    reviews.map(({ proposedStart }) => proposedStart),
    [new Date("2027-01-15T09:00:00Z")],
  );
  assert.deepEqual(unknownFields, []);
});

Deno.test("constraints belong to their resource", () => {
  const { resources, unknownFields } = request(
    access(),
    access(
      field(2, field(1, "v1"), field(11, field(1, "root"), field(1, "ubuntu"))),
    ),
    access(field(2, field(10, field(1, "arn:aws:iam::1:role/Admin")))),
    access(field(2, field(13, field(1, "Administrator")))),
  );
  assert.deepEqual(unknownFields, []);
  assert.deepEqual(resources.map(({ constraints }) => constraints), [
    undefined,
    { kind: "ssh", values: ["root", "ubuntu"] },
    { kind: "aws_console", values: ["arn:aws:iam::1:role/Admin"] },
    { kind: "windows_desktop", values: ["Administrator"] },
  ]);
  assert.ok(!("constraints" in (resources[0] ?? {})));
});

Deno.test("constraints that say nothing known are unknown", async (t) => {
  const login = field(1, "root");
  const cases: [string, Bytes, readonly string[]][] = [
    ["none at all", [], []],
    ["a version alone", field(1, "v1"), []],
    ["no login", field(11), []],
    ["two kinds", [...field(11, login), ...field(13, login)], []],
    ["another kind", field(12, login), ["ResourceConstraints.12"]],
    [
      "more than logins",
      field(11, login, field(2, "x")),
      ["ResourceConstraints.ssh.2"],
    ],
  ];
  for (const [name, bytes, unknown] of cases) {
    await t.step(name, () => {
      const converted = request(access(field(2, bytes)));
      const [resource] = converted.resources;
      assert.deepEqual(resource?.constraints, { kind: "unknown", values: [] });
      assert.equal(resource?.name, "web-1");
      assert.deepEqual(converted.unknownFields, unknown);
      assert.ok(hasHiddenParts(converted));
    });
  }
});

Deno.test("constraints too long to be read by anybody are unknown", () => {
  const long = field(2, field(11, field(1, "x".repeat(30_000))));
  const kinds = request(access(long), access(long), access()).resources
    .map(({ constraints }) => constraints?.kind);
  assert.deepEqual(kinds, ["ssh", "unknown", undefined]);
});

Deno.test("a field that may widen what is granted is named", async (t) => {
  const cases: [string, Bytes, string][] = [
    ["of the spec", field(28, "x"), "AccessRequestSpecV3.28"],
    ["of the spec, a number", numberField(300, 1), "AccessRequestSpecV3.300"],
    ["of a resource ID", field(14, ...ID, field(5, "x")), "ResourceID.5"],
    [
      "of a resource ID in the newer form",
      field(26, field(1, ...ID, field(5, "x"))),
      "ResourceID.5",
    ],
    ["beside a resource ID", access(field(3, "x")), "ResourceAccessID.3"],
    ["instead of a resource ID", field(26, field(2)), "ResourceAccessID.1"],
    ["a kind of request", numberField(24, 3), "AccessRequestSpecV3.24"],
    [
      "a time that is none",
      field(21, [8, 255, 255, 255, 255, 255, 255, 255, 255, 127]),
      "AccessRequestSpecV3.21",
    ],
    // A known number with another type is another field.
    ["of another type", numberField(21, 5), "AccessRequestSpecV3.21"],
  ];
  for (const [name, bytes, expected] of cases) {
    await t.step(name, () => {
      const converted = request(bytes, bytes);
      assert.deepEqual(converted.unknownFields, [expected]);
      assert.ok(hasHiddenParts(converted));
    });
  }
});

Deno.test("fields that are left out on purpose are not unknown", () => {
  const numbers = [8, 10, 11, 15, 18, 19, 23, 25, 27];
  const spec = numbers.map((number) => field(number, "\n\x01x"));
  const converted = request(...spec, numberField(16, 1), field(22));
  assert.deepEqual(converted.unknownFields, []);
  assert.ok(!hasHiddenParts(converted));
});

Deno.test("requests of every server that was tried can be approved", async () => {
  const requests: AccessRequest[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".bin")) continue;
    const bytes = await Deno.readFile(new URL(name, FOLDER));
    if (name.startsWith("event-put-")) {
      const event = convertEvent(Event.decode(bytes));
      assert.equal(event.kind, "put");
      requests.push(event.request);
    }
    if (name.startsWith("list-access-requests")) {
      const { accessRequests } = ListAccessRequestsResponse.decode(bytes);
      requests.push(...accessRequests.map(convertAccessRequest));
    }
    if (name.startsWith("response-submit-review")) {
      requests.push(convertAccessRequest(AccessRequestV3.decode(bytes)));
    }
  }
  assert.ok(requests.length > 10);
  for (const request of requests) assert.ok(!hasHiddenParts(request));
});
