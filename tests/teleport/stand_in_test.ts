/** The stand-in for the Auth Service behaves as Teleport does in `tests/cluster/`. */

import { OwnClient } from "./client/own_client.ts";
import {
  type Credentials,
  parseIdentity,
} from "../../src/teleport/credentials/identity.ts";
import { PaginatedResource } from "../../src/teleport/gen/auth_service.ts";
import { AdminClient } from "../cluster/admin_client.ts";
import { behaviours } from "../cluster/behaviours.ts";
import { FakeAuthService } from "../fakes/auth_service.ts";
import { ClusterPki } from "../fakes/pki.ts";

const pki = await ClusterPki.create();
const [plugin, admin, rita, rob] = await Promise.all([
  issue("discord-plugin"),
  issue("request-admin"),
  issue("rita"),
  issue("rob"),
]);
const node = PaginatedResource.create({
  node: {
    metadata: {
      name: "11111111-2222-4333-8444-555555555555",
      labels: new Map([["env", "prod"]]),
    },
    spec: { hostname: "web-1" },
  },
});

for (const [name, run] of Object.entries(behaviours)) {
  Deno.test(`stand-in: ${name}`, async () => {
    await using auth = await FakeAuthService.start({
      pki,
      roles: { dev: ["dev", "ubuntu"] },
      users: { alice: { team: ["red"] } },
      resources: [node],
    });
    await using client = new OwnClient({
      address: auth.address,
      credentials: () => plugin,
    });
    await using clients = new AsyncDisposableStack();
    const act = (credentials: Credentials) =>
      clients.use(new AdminClient(auth.address, credentials));
    await run({ client, admin: act(admin), rita: act(rita), rob: act(rob) });
  });
}

async function issue(user: string): Promise<Credentials> {
  return parseIdentity(await pki.issueIdentity(user), "id");
}
