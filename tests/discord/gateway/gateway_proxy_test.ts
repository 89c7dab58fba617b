/** The Gateway behind an HTTP proxy that the environment names. */

import assert from "node:assert/strict";
import { run } from "../../../programs/command.ts";
import { ConnectProxy } from "../../fakes/middle_boxes.ts";

const CLIENT = new URL("./gateway_proxied.ts", import.meta.url).href;

Deno.test("HTTPS_PROXY leads to the Gateway, with its password", async () => {
  // Whoever answers there speaks no TLS; that it was asked for is what counts.
  const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = nobody.addr;
  nobody.close();
  await using proxy = await ConnectProxy.start(
    "us@er:pass word",
    () => `127.0.0.1:${port}`,
  );
  await run(
    Deno.execPath(),
    ["run", "--quiet", "--frozen", "--allow-net", "--allow-env", CLIENT],
    {
      env: {
        DENO_NO_UPDATE_CHECK: "1",
        HTTPS_PROXY: `http://us%40er:pass%20word@127.0.0.1:${proxy.port}`,
      },
    },
  );
  assert.equal(proxy.requests[0], "CONNECT gateway.example.test:443");
  assert.ok(proxy.accepted > 0);
});
