import { status } from "@grpc/grpc-js";
import assert from "node:assert/strict";
import type {
  Resource,
  ResourceId,
} from "../../../src/ports/access_request.ts";
import {
  collectResources,
  groupResources,
  listByName,
} from "../../../src/teleport/client/list_resources.ts";
import { OwnClient } from "./own_client.ts";
import { parseIdentity } from "../../../src/teleport/credentials/identity.ts";
import {
  ListResourcesResponse,
  PaginatedResource,
} from "../../../src/teleport/gen/auth_service.ts";
import { FakeAuthService } from "../../fakes/auth_service.ts";

const FOLDER = new URL("../../fixtures/wire/", import.meta.url);
const NODE = "11111111-2222-4333-8444-555555555555";
const OKTA_NODE = "11111111-2222-4333-8444-666666666666";

Deno.test("collectResources() follows the rules for names on real answers", async () => {
  const found = new Map<string, Resource>();
  const wanted = [
    resource("node", NODE),
    resource("node", OKTA_NODE),
    resource("app", "grafana"),
    resource("user_group", "00g1"),
  ];
  for (const kind of ["node", "app-server", "user-group"]) {
    const url = new URL(`resources-${kind}.bin`, FOLDER);
    const answer = ListResourcesResponse.decode(await Deno.readFile(url));
    collectResources(found, answer.resources, wanted);
  }
  assert.deepEqual(names(found), {
    [`/example.com/node/${NODE}`]: "web-1",
    [`/example.com/node/${OKTA_NODE}`]: "Okta App",
    "/example.com/app/grafana": undefined,
    "/example.com/user_group/00g1": "Engineering",
  });
});

Deno.test("collectResources() names applications of Okta and AWS Identity Center", () => {
  const okta = { "teleport.dev/origin": "okta" };
  const cases: [Record<string, string>, string, boolean, string | undefined][] =
    [
      [{}, "Dashboards", false, undefined],
      [{}, "Account 1", true, "Account 1"],
      [{}, "", true, undefined],
      [okta, "Described", false, "Described"],
      [
        { ...okta, "teleport.internal/okta-role-name": "Admin" },
        "",
        false,
        "Admin",
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
    for (const kind of ["app", "aws_ic_account"]) {
      const found = new Map<string, Resource>();
      collectResources(found, [answer, answer], [resource(kind, "a")]);
      assert.deepEqual(names(found), { [`/example.com/${kind}/a`]: expected });
    }
  }
});

Deno.test("collectResources() finds the labels of every kind", () => {
  const labels = new Map([["env", "prod"]]);
  const metadata = { name: "x", labels };
  const cmdLabels = new Map([["load", { result: "low" }]]);
  const cases = {
    node: { node: { metadata, spec: { cmdLabels } } },
    app: { appServer: { spec: { app: { metadata } } } },
    db: { databaseServer: { spec: { database: { metadata } } } },
    kube_cluster: { kubernetesServer: { spec: { cluster: { metadata } } } },
    windows_desktop: { windowsDesktop: { header: { metadata } } },
    user_group: { userGroup: { header: { metadata } } },
  };
  for (const [kind, listed] of Object.entries(cases)) {
    const found = new Map<string, Resource>();
    const answer = PaginatedResource.create(listed);
    collectResources(found, [answer], [resource(kind, "x")]);
    const expected = kind === "node"
      ? new Map([...labels, ["load", "low"]])
      : labels;
    assert.deepEqual(found.get(`/example.com/${kind}/x`)?.labels, expected);
  }
});

Deno.test("groupResources() leaves out other clusters and kinds that cannot be listed", () => {
  const node = resource("node", "n");
  const app = resource("app", "a");
  const groups = groupResources([
    node,
    app,
    resource("pod", "p"),
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

Deno.test("findResources() looks up each kind", async () => {
  const okta = new Map([["teleport.dev/origin", "okta"]]);
  const resources = [
    PaginatedResource.create({
      node: { metadata: { name: NODE }, spec: { hostname: "web-1" } },
    }),
    PaginatedResource.create({
      userGroup: {
        header: {
          metadata: { name: "00g1", description: "Everyone", labels: okta },
        },
      },
    }),
  ];
  await using auth = await FakeAuthService.start({ resources });
  const credentials = parseIdentity(await auth.pki.issueIdentity(), "id");
  await using client = new OwnClient({
    address: auth.address,
    credentials: () => credentials,
  });
  const wanted = [
    resource("node", NODE),
    resource("node", "unknown"),
    resource("user_group", "00g1"),
    { ...resource("node", NODE), cluster: "leaf.example.com" },
  ];
  const node = { friendlyName: "web-1", labels: new Map() };
  const group = { friendlyName: "Everyone", labels: okta };
  assert.deepEqual(
    await client.findResources(wanted),
    new Map<string, Resource>([
      [`/example.com/node/${NODE}`, node],
      ["/example.com/user_group/00g1", group],
    ]),
  );
  assert.equal(auth.countCalls("ListResources"), 2);
  assert.equal((await client.findResources([])).size, 0);
  assert.equal(auth.countCalls("ListResources"), 2);
  // A role may lack the rule of one kind.
  auth.fail("ListResources", { code: status.PERMISSION_DENIED, times: 1 });
  await assert.rejects(client.findResources(wanted), {
    code: "PERMISSION_DENIED",
  });
});

function names(
  found: ReadonlyMap<string, Resource>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    [...found].map(([id, { friendlyName }]) => [id, friendlyName]),
  );
}

function resource(kind: string, name: string): ResourceId {
  return { cluster: "example.com", kind, name, subResource: "" };
}
