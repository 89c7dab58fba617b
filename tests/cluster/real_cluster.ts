/**
 * A real Teleport cluster on loopback ports, with users and roles for tests.
 *
 * The open-source build takes review rules only from resources that it applies at its start
 * (docs/design/teleport-behaviour.md 5), hence the long text below.
 *
 * @module
 */

import { run, start } from "../../programs/command.ts";
import { requireTeleport } from "../../programs/teleport.ts";
import {
  type Credentials,
  parseIdentity,
} from "../../src/teleport/credentials/identity.ts";

/** Name of the one node, whose host name is `web-1`. */
export const NODE_NAME = "11111111-2222-4333-8444-555555555555";

/** Users of the cluster. */
export type ClusterUser =
  | "discord-plugin"
  /** Creates, resolves and deletes requests of anybody. */
  | "request-admin"
  /** May ask for `dev`, `ops` and the node. */
  | "alice"
  /** The same with two approvals needed, suggested reviewers and annotations. */
  | "bob"
  /** May review everything. */
  | "rita"
  | "rob"
  /** The plugin as a user that may review everything itself, and list users. */
  | "reviewing-plugin"
  /** Has no rights at all. */
  | "nobody";

/** How the cluster differs from a new one of today. */
export interface RealClusterOptions {
  /** Key suite: RSA with `legacy`, P-256 with `balanced-v1`, which is the default. */
  readonly suite?: "legacy" | "balanced-v1";
  readonly clusterName?: string;
}

/** What to sign. */
export interface SignOptions {
  /** Lifetime as a Go duration; 12 h if not given. */
  readonly ttl?: string;
  readonly format?: "file" | "tls";
}

/** A cluster of one Auth Service and one Proxy. */
export class RealCluster implements AsyncDisposable {
  readonly clusterName: string;
  /** `host:port` of the Auth Service. */
  readonly authAddress: string;
  /** `host:port` of the web port of the Proxy. */
  readonly proxyAddress: string;
  /** Folder of the cluster: configuration, data, log. */
  readonly folder: string;
  readonly #readyUrl: string;
  #process: Deno.ChildProcess | undefined;
  #signed = 0;

  private constructor(
    folder: string,
    clusterName: string,
    ports: {
      readonly auth: number;
      readonly web: number;
      readonly diag: number;
    },
  ) {
    this.folder = folder;
    this.clusterName = clusterName;
    this.authAddress = `127.0.0.1:${ports.auth}`;
    this.proxyAddress = `localhost:${ports.web}`;
    this.#readyUrl = `http://127.0.0.1:${ports.diag}/readyz`;
  }

  /** Brings up a cluster in a folder of its own, which goes away with it. */
  static async start(options: RealClusterOptions = {}): Promise<RealCluster> {
    const { suite = "balanced-v1", clusterName = "example.com" } = options;
    const folder = await Deno.makeTempDir({ prefix: "teleport-" });
    const [auth = 0, web = 0, diag = 0] = freePorts(3);
    const ports = { auth, web, diag };
    const cluster = new RealCluster(
      folder,
      clusterName,
      ports,
    );
    const settings = { folder, clusterName, suite, ...ports };
    await Deno.writeTextFile(
      `${folder}/teleport.yaml`,
      configuration(settings),
    );
    await Deno.writeTextFile(`${folder}/resources.yaml`, RESOURCES);
    await Deno.writeTextFile(`${folder}/node.yaml`, NODE);
    try {
      await cluster.start();
      await cluster.tctl("create", "-f", `${folder}/node.yaml`);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Path of the certificate that the web port of the Proxy presents. */
  get webCaPath(): string {
    return `${this.folder}/data/webproxy_cert.pem`;
  }

  /** Starts it again, on the same data and ports. */
  async start(): Promise<void> {
    const { folder } = this;
    this.#process = start(requireTeleport("teleport"), {
      args: [
        "start",
        `--config=${folder}/teleport.yaml`,
        `--apply-on-startup=${folder}/resources.yaml`,
        `--diag-addr=${new URL(this.#readyUrl).host}`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    const ended = this.#process.status.then(({ code }) => {
      throw new Error(
        `teleport ended with ${code}, see ${folder}/teleport.log`,
      );
    });
    const signal = AbortSignal.timeout(60_000);
    await Promise.race([ended, this.#ready(signal)]);
    ended.catch(() => {});
  }

  /** Stops it; its data stay. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    process.kill(signal);
    const timer = setTimeout(() => process.kill("SIGKILL"), 10_000);
    await process.status;
    clearTimeout(timer);
  }

  async restart(signal?: Deno.Signal): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }

  /** Runs tctl as the administrator of the cluster; returns what it prints. */
  async tctl(...args: string[]): Promise<string> {
    const config = ["-c", `${this.folder}/teleport.yaml`];
    return await run(requireTeleport("tctl"), [...config, ...args]);
  }

  /**
   * Runs tsh as a user; returns what it prints.
   *
   * @param identity Path of the user's identity file, whose lifetime bounds what can be asked for.
   */
  async tsh(identity: string, ...args: string[]): Promise<string> {
    const session = [
      `--proxy=${this.proxyAddress}`,
      "--insecure",
      `--identity=${identity}`,
    ];
    // What tsh remembers goes away with the cluster.
    const env = { HOME: this.folder, TELEPORT_HOME: `${this.folder}/tsh` };
    return await run(requireTeleport("tsh"), [...args, ...session], { env });
  }

  /** Issues credentials; returns the path of the file, or without extension those of the files. */
  async sign(user: ClusterUser, options: SignOptions = {}): Promise<string> {
    const { ttl = "12h", format = "file" } = options;
    const path = `${this.folder}/${user}-${this.#signed++}`;
    await this.tctl(
      "auth",
      "sign",
      `--user=${user}`,
      `--ttl=${ttl}`,
      `--format=${format}`,
      `--out=${path}`,
    );
    return path;
  }

  /** Issues an identity file and reads it. */
  async credentials(user: ClusterUser, ttl?: string): Promise<Credentials> {
    const path = await this.sign(user, ttl === undefined ? {} : { ttl });
    return parseIdentity(await Deno.readTextFile(path), path);
  }

  async #ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const answer = await fetch(this.#readyUrl, { signal });
        await answer.body?.cancel();
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Returns ports that were free a moment ago. */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

interface Settings {
  readonly folder: string;
  readonly clusterName: string;
  readonly suite: string;
  readonly auth: number;
  readonly web: number;
}

/** The storage looks for changes every 20 ms; Teleport's own default is a second. */
function configuration(
  { folder, clusterName, suite, auth, web }: Settings,
): string {
  return `version: v3
teleport:
  nodename: local
  data_dir: ${folder}/data
  storage:
    type: sqlite
    path: ${folder}/data/backend
    poll_stream_period: 20000000
  log: {output: ${folder}/teleport.log, severity: INFO}
auth_service:
  enabled: true
  cluster_name: ${clusterName}
  listen_addr: 127.0.0.1:${auth}
  proxy_listener_mode: multiplex
  authentication:
    type: local
    second_factors: [otp]
    signature_algorithm_suite: ${suite}
ssh_service: {enabled: false}
proxy_service:
  enabled: true
  web_listen_addr: 127.0.0.1:${web}
  public_addr: ["localhost:${web}", "teleport.example.test:443"]
`;
}

const NODE = `kind: node
sub_kind: openssh
version: v2
metadata: {name: ${NODE_NAME}, labels: {env: prod}}
spec: {addr: "10.0.0.1:22", hostname: web-1}
`;

const RESOURCES = `kind: role
version: v7
metadata: {name: access-plugin}
spec:
  allow:
    review_requests: {preview_as_roles: [node-access]}
    rules:
    - {resources: [access_request], verbs: [list, read]}
    - {resources: [access_plugin_data], verbs: [update]}
    - {resources: [access_monitoring_rule], verbs: [list, read]}
    - {resources: [role, user, user_login_state], verbs: [read]}
---
kind: role
version: v7
metadata: {name: dev}
spec: {allow: {logins: [dev, ubuntu]}}
---
kind: role
version: v7
metadata: {name: ops}
spec: {allow: {logins: [root]}}
---
kind: role
version: v7
metadata: {name: node-access}
spec: {allow: {logins: [root], node_labels: {"*": "*"}}}
---
kind: role
version: v7
metadata: {name: personal}
spec:
  allow:
    logins: ["{{internal.logins}}", "{{email.local(external.email)}}", shared]
---
kind: role
version: v7
metadata: {name: requester}
spec: {allow: {request: {roles: [dev, ops, personal], search_as_roles: [node-access]}}}
---
kind: role
version: v7
metadata: {name: careful-requester}
spec:
  allow:
    request:
      roles: [dev, ops]
      max_duration: 3d
      annotations: {service: [on-call]}
      suggested_reviewers: [rita, rob]
      thresholds: [{name: two, approve: 2, deny: 1}]
---
kind: role
version: v7
metadata: {name: reviewer}
spec:
  allow:
    review_requests: {roles: ["*"]}
    rules: [{resources: [access_request], verbs: [list, read]}]
---
kind: role
version: v7
metadata: {name: user-lister}
spec: {allow: {rules: [{resources: [user], verbs: [list, read]}]}}
---
kind: role
version: v7
metadata: {name: request-admin}
spec:
  allow:
    rules:
    - resources: [access_request, access_plugin_data, access_monitoring_rule]
      verbs: [list, create, read, update, delete]
---
kind: role
version: v7
metadata: {name: no-rights}
spec: {}
---
kind: user
version: v2
metadata: {name: discord-plugin}
spec: {roles: [access-plugin]}
---
kind: user
version: v2
metadata: {name: reviewing-plugin}
spec:
  roles: [access-plugin, reviewer, user-lister]
  traits: {discord_id: ["1600000000000000001"]}
---
kind: user
version: v2
metadata: {name: request-admin}
spec: {roles: [request-admin]}
---
kind: user
version: v2
metadata: {name: alice}
spec: {roles: [requester], traits: {team: [red]}}
---
kind: user
version: v2
metadata: {name: bob}
spec: {roles: [careful-requester], traits: {team: [blue]}}
---
kind: user
version: v2
metadata: {name: carol}
spec:
  roles: [requester]
  traits: {logins: [carol], email: ["Carol R. <c.r@example.com>"]}
---
kind: user
version: v2
metadata: {name: rita}
spec: {roles: [reviewer], traits: {discord_id: ["1600000000000000002"]}}
---
kind: user
version: v2
metadata: {name: rob}
spec: {roles: [reviewer]}
---
kind: user
version: v2
metadata: {name: nobody}
spec: {roles: [no-rights]}
`;
