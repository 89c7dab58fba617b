import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { ResourceId } from "../../src/domain/access_request.ts";
import { TeleportClient } from "../../src/teleport/client.ts";
import {
  ListResourcesResponse,
  PaginatedResource,
} from "../../src/teleport/gen/auth_service.ts";
import { parseIdentity } from "../../src/teleport/identity.ts";
import {
  collectNames,
  groupNamedResources,
  listByName,
} from "../../src/teleport/resource_names.ts";
import { FakeAuthService } from "../fakes/auth_service.ts";

const FOLDER = new URL("../fixtures/wire/", import.meta.url);
const NODE = "11111111-2222-4333-8444-555555555555";
const OKTA_NODE = "11111111-2222-4333-8444-666666666666";

Deno.test("collectNames() follows the rules for names on real answers", async () => {
  const names = new Map<string, string>();
  const wanted = [
    resource("node", NODE),
    resource("node", OKTA_NODE),
    resource("app", "grafana"),
    resource("user_group", "00g1"),
  ];
  for (const kind of ["node", "app-server", "user-group"]) {
    const url = new URL(`resources-${kind}.bin`, FOLDER);
    const answer = ListResourcesResponse.decode(await Deno.readFile(url));
    collectNames(names, answer.resources, wanted);
  }
  assert.deepEqual(
    Object.fromEntries(names),
    {
      [`/example.com/node/${NODE}`]: "node/web-1",
      [`/example.com/node/${OKTA_NODE}`]: "node/Okta App",
      "/example.com/user_group/00g1": "user_group/Engineering",
    },
  );
});

Deno.test("collectNames() names applications of Okta and AWS Identity Center", () => {
  const okta = { "teleport.dev/origin": "okta" };
  const cases: [Record<string, string>, string, boolean, string | undefined][] =
    [
      [{}, "Dashboards", false, undefined],
      [{}, "Account 1", true, "app/Account 1"],
      [{}, "", true, undefined],
      [okta, "Described", false, "app/Described"],
      [
        { ...okta, "teleport.internal/okta-role-name": "Admin" },
        "",
        false,
        "app/Admin",
      ],
    ];
  for (const [labels, description, identityCenter, expected] of cases) {
    const app = {
      metadata: {
        name: "a",
        description,
        labels: new Map(Object.entries(labels)),
      },
      spec: identityCenter ? { identityCenter: {} } : {},
    };
    const answer = PaginatedResource.create({ appServer: { spec: { app } } });
    const names = new Map<string, string>();
    collectNames(names, [answer, answer], [resource("app", "a")]);
    assert.equal(names.get("/example.com/app/a"), expected);
  }
});

Deno.test("groupNamedResources() leaves out other clusters and nameless kinds", () => {
  const node = resource("node", "n");
  const app = resource("app", "a");
  const groups = groupNamedResources([
    node,
    app,
    resource("db", "d"),
    resource("constructor", "c"),
    { ...node, cluster: "leaf.example.com" },
  ], "example.com");
  assert.deepEqual(groups, new Map([["node", [node]], ["app", [app]]]));
});

Deno.test("listByName() quotes names", () => {
  const request = listByName(
    "app",
    [resource("app", "plain"), resource("app", 'a" || true || "\\')],
    "",
  );
  assert.equal(request.resourceType, "app_server");
  assert.equal(
    request.predicateExpression,
    String
      .raw`resource.metadata.name == "plain" || resource.metadata.name == "a\" || true || \"\\"`,
  );
});

Deno.test("findResourceNames() looks up each kind", async () => {
  const resources = [
    PaginatedResource.create({
      node: { metadata: { name: NODE }, spec: { hostname: "web-1" } },
    }),
    PaginatedResource.create({
      userGroup: {
        header: {
          metadata: {
            name: "00g1",
            description: "Everyone",
            labels: new Map([["teleport.dev/origin", "okta"]]),
          },
        },
      },
    }),
  ];
  await using auth = await FakeAuthService.start({ resources });
  const credentials = parseIdentity(await auth.pki.issueIdentity(), "id");
  await using client = new TeleportClient({
    address: auth.address,
    credentials: () => credentials,
  });
  const wanted = [
    resource("node", NODE),
    resource("node", "unknown"),
    resource("user_group", "00g1"),
    resource("db", "d"),
  ];
  const { signal } = new AbortController();
  const node = [`/example.com/node/${NODE}`, "node/web-1"] as const;
  assert.deepEqual(
    await client.findResourceNames(wanted, signal),
    new Map([node, ["/example.com/user_group/00g1", "user_group/Everyone"]]),
  );
  assert.equal(auth.countCalls("ListResources"), 2);
  assert.equal((await client.findResourceNames([], signal)).size, 0);
  assert.equal(auth.countCalls("ListResources"), 2);
  // A role may lack the rule of one kind.
  auth.fail("ListResources", { code: status.PERMISSION_DENIED, times: 1 });
  await assert.rejects(client.findResourceNames(wanted, signal), {
    code: "PERMISSION_DENIED",
  });
});

function resource(kind: string, name: string): ResourceId {
  return { cluster: "example.com", kind, name, subResource: "" };
}
