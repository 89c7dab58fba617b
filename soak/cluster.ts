/**
 * The cluster of a soak run: a real one, or the stand-in.
 *
 * @module
 */

import { missingTeleport } from "../programs/teleport.ts";
import { OwnClient } from "../tests/teleport/client/own_client.ts";
import { AdminClient } from "../tests/cluster/admin_client.ts";
import { RealBot } from "../tests/cluster/real_bot.ts";
import { RealCluster } from "../tests/cluster/real_cluster.ts";
import { FakeAuthService } from "../tests/fakes/auth_service.ts";

/** Who may review. */
export type Reviewer = "rita" | "rob";

/** What happens to requests in a soak run, and to the Auth Service. */
export interface SoakCluster extends AsyncDisposable {
  readonly name: string;
  /** `host:port` of the Auth Service. */
  readonly address: string;
  /** Makes a request that takes so many approvals; returns its ID. */
  create(approvals: 1 | 2): Promise<string>;
  review(
    id: string,
    reviewer: Reviewer,
    state: "APPROVED" | "DENIED",
  ): Promise<void>;
  setState(id: string, state: "APPROVED" | "DENIED"): Promise<void>;
  delete(id: string): Promise<void>;
  /** Drops what was stored about a deleted request, as its expiry does. */
  forget(id: string): Promise<void>;
  /** Stops the Auth Service and starts it again. */
  restart(): Promise<void>;
  /** Returns the text of a new identity file for the plugin. */
  issueIdentity(): Promise<string>;
  /**
   * Lets a bot keep the identity of a plugin that may review.
   *
   * @returns undefined if there is no tbot.
   */
  startBot(): Promise<RealBot | undefined>;
  /** Teleport user of an issued identity. */
  readonly user: string;
}

const PAUSE_MS = 2000;

/** A reason as long as people write them. */
const REASON = "to find out why the nightly import failed again. ".repeat(5);

/** The stand-in of the test suite, in this process. */
export class StandInCluster implements SoakCluster {
  readonly name = "the stand-in cluster";
  readonly user = "discord-plugin";
  readonly #auth: FakeAuthService;

  private constructor(auth: FakeAuthService) {
    this.#auth = auth;
  }

  static async start(): Promise<StandInCluster> {
    return new StandInCluster(
      await FakeAuthService.start({ roles: { dev: ["dev"], ops: ["root"] } }),
    );
  }

  get address(): string {
    return this.#auth.address;
  }

  create(approvals: 1 | 2): Promise<string> {
    return Promise.resolve(this.#auth.createRequest({
      user: approvals === 1 ? "alice" : "bob",
      roles: [approvals === 1 ? "dev" : "ops"],
      reason: REASON,
      approvalsNeeded: approvals,
    }));
  }

  review(
    id: string,
    reviewer: Reviewer,
    state: "APPROVED" | "DENIED",
  ): Promise<void> {
    return Promise.resolve(this.#auth.review(id, reviewer, state, REASON));
  }

  setState(id: string, state: "APPROVED" | "DENIED"): Promise<void> {
    return Promise.resolve(this.#auth.setState(id, state, REASON));
  }

  delete(id: string): Promise<void> {
    return Promise.resolve(this.#auth.delete(id));
  }

  forget(id: string): Promise<void> {
    return Promise.resolve(this.#auth.state.dropPluginData(id));
  }

  async restart(): Promise<void> {
    await this.#auth.stop();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await this.#auth.restart();
    // A run is longer than a test: what was recorded is of no use here.
    this.#auth.calls.length = 0;
  }

  issueIdentity(): Promise<string> {
    return this.#auth.pki.issueIdentity();
  }

  startBot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#auth[Symbol.asyncDispose]();
  }
}

/** A real Teleport (programs/teleport.ts). */
export class TeleportCluster implements SoakCluster {
  readonly name = "a real Teleport";
  readonly user = "reviewing-plugin";
  readonly #cluster: RealCluster;
  readonly #admin: AdminClient;
  readonly #reviewers: Readonly<Record<Reviewer, AdminClient>>;
  readonly #plugin: OwnClient;

  private constructor(
    cluster: RealCluster,
    admin: AdminClient,
    reviewers: Readonly<Record<Reviewer, AdminClient>>,
    plugin: OwnClient,
  ) {
    this.#cluster = cluster;
    this.#admin = admin;
    this.#reviewers = reviewers;
    this.#plugin = plugin;
  }

  static async start(): Promise<TeleportCluster> {
    const cluster = await RealCluster.start();
    const act = async (user: "request-admin" | Reviewer) =>
      new AdminClient(cluster.authAddress, await cluster.credentials(user));
    const [admin, rita, rob, credentials] = await Promise.all([
      act("request-admin"),
      act("rita"),
      act("rob"),
      cluster.credentials("discord-plugin"),
    ]);
    const plugin = new OwnClient({
      address: cluster.authAddress,
      credentials: () => credentials,
    });
    return new TeleportCluster(cluster, admin, { rita, rob }, plugin);
  }

  get address(): string {
    return this.#cluster.authAddress;
  }

  create(approvals: 1 | 2): Promise<string> {
    return this.#admin.createRequest({
      user: approvals === 1 ? "alice" : "bob",
      roles: [approvals === 1 ? "dev" : "ops"],
      reason: REASON,
    });
  }

  review(
    id: string,
    reviewer: Reviewer,
    state: "APPROVED" | "DENIED",
  ): Promise<void> {
    return this.#reviewers[reviewer].review(id, state, REASON);
  }

  setState(id: string, state: "APPROVED" | "DENIED"): Promise<void> {
    return this.#admin.setState(id, state, REASON);
  }

  delete(id: string): Promise<void> {
    return this.#admin.delete(id);
  }

  async forget(id: string): Promise<void> {
    const stored = await this.#plugin.getPluginData(id);
    if (stored === undefined) return;
    const empty = Object.keys(stored.entries).map((key) => [key, ""] as const);
    await this.#plugin.updatePluginData(
      id,
      Object.fromEntries(empty),
      {},
    );
  }

  async restart(): Promise<void> {
    await this.#cluster.restart();
  }

  async issueIdentity(): Promise<string> {
    return await Deno.readTextFile(await this.#cluster.sign(this.user));
  }

  async startBot(): Promise<RealBot | undefined> {
    if (missingTeleport("tbot").length > 0) return undefined;
    return await RealBot.start(this.#cluster, {
      name: "soak",
      roles: ["access-plugin", "reviewer"],
      form: "services",
      ttl: "3m",
      interval: "1m",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const clients = [this.#admin, ...Object.values(this.#reviewers)];
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    await this.#plugin[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }
}
