import assert from "node:assert/strict";
import { formatResourceId } from "../../src/ports/access_request.ts";

Deno.test("formatResourceId() writes the parts as a path", {
  permissions: "none",
}, () => {
  const node = {
    cluster: "example.com",
    kind: "node",
    name: "5b0e-41",
    subResource: "",
  };
  assert.equal(formatResourceId(node), "/example.com/node/5b0e-41");
  const pod = {
    cluster: "example.com",
    kind: "pod",
    name: "kube",
    subResource: "default/web-1",
  };
  assert.equal(formatResourceId(pod), "/example.com/pod/kube/default/web-1");
});
