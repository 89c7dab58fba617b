import assert from "node:assert/strict";
import {
  findHttpProxy,
  findRuntimeProxy,
  takeProxyVariables,
} from "../../../src/lib/net/http_proxy.ts";

const pure = { permissions: "none" } as const;

/** Returns `host:port` of the proxy that is used, or `-`. */
function find(target: string, variables: Record<string, string>): string {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  const proxy = findHttpProxy(host, Number(port), (name) => variables[name]);
  return proxy === undefined ? "-" : `${proxy.host}:${proxy.port}`;
}

const PROXY = { HTTPS_PROXY: "http://p:3128" };
const except = (noProxy: string) => ({ ...PROXY, NO_PROXY: noProxy });

const CASES: readonly [string, Record<string, string>, string][] = [
  ["t.example.com:443", {}, "-"],
  ["t.example.com:443", PROXY, "p:3128"],
  ["t.example.com:443", { https_proxy: "p:3128" }, "p:3128"],
  ["t.example.com:443", { HTTP_PROXY: "http://p" }, "p:80"],
  ["t.example.com:443", { http_proxy: "http://q:1", ...PROXY }, "p:3128"],
  ["t.example.com:443", { HTTPS_PROXY: "", https_proxy: "q:1" }, "q:1"],
  ["t.example.com:443", { HTTPS_PROXY: "https://p" }, "p:443"],
  ["t.example.com:443", { HTTPS_PROXY: "http://[::2]:8080" }, "::2:8080"],
  ["localhost:3025", PROXY, "-"],
  ["127.0.0.9:3025", PROXY, "-"],
  ["[::1]:3025", PROXY, "-"],
  ["t.example.com:443", except("*"), "-"],
  ["t.example.com:443", except("example.com"), "-"],
  ["t.example.com:443", except(" a , Example.COM ,b"), "-"],
  ["example.com:443", except("example.com"), "-"],
  ["example.com:443", except(".example.com"), "p:3128"],
  ["t.example.com:443", except(".example.com"), "-"],
  ["t.example.com:443", except("*.example.com"), "-"],
  ["notexample.com:443", except("example.com"), "p:3128"],
  ["t.example.com:443", except("t.example.com:443"), "-"],
  ["t.example.com:3080", except("t.example.com:443"), "p:3128"],
  ["10.1.2.3:443", except("10.0.0.0/8"), "-"],
  ["11.1.2.3:443", except("10.0.0.0/8"), "p:3128"],
  ["10.1.2.3:443", except("2.3,.3"), "p:3128"],
  ["10.1.2.3:443", except("10.1.2.3"), "-"],
  ["[fd00::5]:443", except("fd00:0:0::5"), "-"],
  ["[fd00:0:0::5]:443", except("[fd00::5]:443"), "-"],
  ["t.example.com:443", { HTTPS_PROXY: " http://p:1\r\n" }, "p:1"],
  ["t.example.com:443", { HTTPS_PROXY: " ", https_proxy: "q:1" }, "q:1"],
  ["t.example.com:443", except("t.example.com\n"), "-"],
  ["t.example.com:443", { ALL_PROXY: "http://p:1" }, "-"],
  ["[fd00::6]:443", except("fd00::5"), "p:3128"],
  ["[fd00::6]:443", except("1:2:3:4:5:6:7:8:9, 1::2::3/8"), "p:3128"],
  ["[0:0:0:0:0:0:0:1]:3025", PROXY, "-"],
  ["[fd00::5]:443", except("fd00::/8"), "-"],
  ["[fe00::5]:443", except("fd00::/8"), "p:3128"],
  ["t.example.com:443", { ...PROXY, no_proxy: "example.com" }, "-"],
];

for (const [target, variables, expected] of CASES) {
  const text = JSON.stringify(variables);
  Deno.test(`findHttpProxy() for ${target} with ${text}`, pure, () => {
    assert.equal(find(target, variables), expected);
  });
}

Deno.test(
  "findHttpProxy() decodes user and password, and hides them",
  pure,
  () => {
    const proxy = findHttpProxy(
      "t",
      1,
      (name) =>
        name === "HTTPS_PROXY" ? "http://us%3Aer:p%40ss@p:1" : undefined,
    );
    assert.equal(
      proxy?.authorization?.reveal(),
      `Basic ${btoa("us:er:p@ss")}`,
    );
    assert.doesNotMatch(Deno.inspect(proxy), /p@ss|cEBz/);
  },
);

Deno.test(
  "findHttpProxy() refuses what is no HTTP proxy, without showing it",
  pure,
  () => {
    for (const value of ["socks5://u:secret@p:1", "http://u:secret@:x"]) {
      assert.throws(
        () => findHttpProxy("t", 1, (n) => n === "HTTPS_PROXY" ? value : ""),
        (error: Error) =>
          /names: expected/.test(error.message) &&
          !/secret/.test(error.message),
      );
    }
  },
);

const RUNTIME_CASES: readonly [string, Record<string, string>, unknown][] = [
  ["https://discord.com/", {}, undefined],
  ["https://discord.com/", PROXY, { url: "http://p:3128/" }],
  ["wss://gateway.discord.gg/", PROXY, { url: "http://p:3128/" }],
  ["https://discord.com/", { HTTP_PROXY: "http://p:1" }, undefined],
  ["http://api.test/", { HTTP_PROXY: "p:1\n" }, { url: "http://p:1/" }],
  ["https://discord.com/", { ALL_PROXY: "socks5://p:1" }, {
    url: "socks5://p:1",
  }],
  ["https://discord.com/", { HTTPS_PROXY: "http://us%3Aer:p%40ss@p:1" }, {
    url: "http://p:1/",
    basicAuth: { username: "us:er", password: "p@ss" },
  }],
  ["https://discord.com/", except("Discord.com:443"), undefined],
  ["https://discord.com/", except("discord.com:8443"), {
    url: "http://p:3128/",
  }],
  ["https://[fd00::5]/", except("fd00::/8"), undefined],
];

for (const [target, variables, expected] of RUNTIME_CASES) {
  const text = JSON.stringify(variables);
  Deno.test(`findRuntimeProxy() for ${target} with ${text}`, pure, () => {
    const env = (name: string) => variables[name];
    assert.deepEqual(findRuntimeProxy(new URL(target), env), expected);
  });
}

Deno.test(
  "takeProxyVariables() leaves none for the runtime to see",
  pure,
  () => {
    const variables = new Map([["https_proxy", "p:1"], ["NO_PROXY", "a"], [
      "X",
      "x",
    ]]);
    const env = takeProxyVariables({
      get: (name) => variables.get(name),
      delete: (name) => void variables.delete(name),
    });
    assert.deepEqual([...variables], [["X", "x"]]);
    assert.equal(env("https_proxy"), "p:1");
    assert.equal(env("NO_PROXY"), "a");
    assert.equal(env("HTTPS_PROXY"), undefined);
    assert.equal(env("X"), "x");
  },
);
