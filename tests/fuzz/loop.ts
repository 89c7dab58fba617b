/**
 * The path of a request through everything that stores or shows it, without a network: each value that
 * crosses a wire is encoded and decoded again.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dueRecipients, taskFor } from "../../src/deliver/due/due.ts";
import {
  encodeEdit,
  encodePost,
} from "../../src/discord/rest/message_payload.ts";
import { systemClock } from "../../src/lib/async/clock.ts";
import { announcementOf } from "../../src/message/announcement.ts";
import {
  isAnnouncementOf,
  renderMessage,
} from "../../src/message/announcement_message.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import type { Enrichment } from "../../src/people/enrichment.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { StoredEntries } from "../../src/ports/auth_service.ts";
import { TeleportError } from "../../src/ports/teleport_error.ts";
import { claimFor, decide } from "../../src/reconcile/decide.ts";
import type { Observation } from "../../src/reconcile/observe.ts";
import {
  type PluginData,
  SHOWS_GONE,
  withDelivery,
} from "../../src/record/plugin_data.ts";
import {
  type PluginDataStore,
  RequestRecord,
} from "../../src/record/request_record.ts";
import { digestOf } from "../../src/record/shown_facts.ts";
import {
  convertAccessRequest,
  convertPluginData,
} from "../../src/teleport/client/convert.ts";
import {
  AccessRequestV3,
  RequestState,
} from "../../src/teleport/gen/types/access_request.ts";
import {
  PluginDataUpdateParams,
  PluginDataV3,
} from "../../src/teleport/gen/types/plugin_data.ts";
import {
  ClusterState,
  type NewRequest,
  RefusedError,
} from "../fakes/cluster_state.ts";
import { FakeDiscordApi } from "../fakes/discord_api.ts";
import { NO_NOTICES } from "../fakes/samples.ts";

/** Where requests are announced. */
export const CHANNEL = "1100000000000000001";

const TOKEN = "token";
const SELF = "self";
const NEVER = new AbortController().signal;

/** More rounds than anything needs that ends at all. */
const MAX_ROUNDS = 8;

/** One request, the cluster that stores it and the Discord that shows it. */
export class Loop {
  readonly cluster = new ClusterState("example.com", () => {});
  readonly discord = new FakeDiscordApi(() => Date.now(), 300_000);
  readonly id: string;
  readonly #record: RequestRecord;

  constructor(request: NewRequest) {
    this.discord.addChannel(CHANNEL);
    this.discord.addBot(TOKEN, { id: "1", username: "teleport" });
    this.id = this.cluster.createRequest(request);
    this.#record = new RequestRecord(this.id, {
      auth: { within: () => this.#auth() },
      clock: { ...systemClock, random: () => 0 },
      self: SELF,
      cancellation: { deadline: NEVER },
    });
  }

  /** Announces the request, as one that was just made. */
  async announce(enrichment: Enrichment): Promise<void> {
    const plan = this.#decide(undefined, false);
    assert.equal(plan.kind, "announce");
    if (plan.kind !== "announce") return;
    const { request, recipients } = plan;
    const claim = claimFor(request, recipients, enrichment, SELF);
    assert.ok(await this.#record.create(claim));
    await this.follow();
  }

  /**
   * Brings everything in step, and checks that this comes to an end.
   *
   * @param gone Whether the request was deleted.
   */
  async follow(gone = false): Promise<PluginData | undefined> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { data } = await this.#record.read();
      assert.ok(data !== undefined);
      const plan = this.#decide(data, gone);
      if (plan.kind === "ignore") return data;
      assert.equal(plan.kind, "follow");
      const stored = await this.#record.update((now) => {
        const next = this.#decide(now, gone);
        return next.kind === "follow" ? next.data : now;
      });
      assert.ok(stored !== undefined);
      for (
        const recipient of dueRecipients(stored, {
          notices: NO_NOTICES,
          request: undefined,
          isGone: gone,
          now: new Date(),
          hiddenFor: () => [],
        })
      ) {
        await this.#deliver(stored, recipient, gone);
      }
    }
    assert.fail(`${this.id} is never in step`);
  }

  /** Writes plugin data past everything that would refuse it. */
  corrupt(entries: Readonly<Record<string, string>>): void {
    this.#update(entries, {});
  }

  /** What the only message says. */
  get content(): string {
    const found = this.discord.messages(CHANNEL)
      .filter(({ content }) => isAnnouncementOf(content, this.id));
    assert.equal(found.length, 1);
    return found[0]?.content ?? "";
  }

  #decide(stored: PluginData | undefined, gone: boolean) {
    const request = this.#request();
    const observation: Observation = gone
      ? { request: undefined, source: "put", gone: "event" }
      : { request, source: "put", gone: undefined };
    return decide({
      observation,
      stored,
      recipients: [CHANNEL],
      mentions: [],
      terms: {
        notices: NO_NOTICES,
        request: observation.request,
        isGone: gone,
        now: new Date(),
        hiddenFor: () => [],
      },
      self: SELF,
      holderIsGone: true,
      isFreshlyRead: true,
      isConfirmed: false,
    });
  }

  /** The request as it comes over the wire. */
  #request(): AccessRequest | undefined {
    const message = this.cluster.request(this.id);
    return message === undefined ? undefined : convertAccessRequest(
      AccessRequestV3.decode(AccessRequestV3.encode(message).finish()),
    );
  }

  async #deliver(
    data: PluginData,
    recipient: string,
    gone: boolean,
  ): Promise<void> {
    const work = taskFor(data, recipient);
    const message = renderMessage(
      announcementOf(
        this.id,
        CHANNEL,
        data,
        gone ? undefined : this.#request(),
        {
          textsFor: () => EN,
          hiddenFor: () => [],
          cluster: "example.com",
          webLink: (id) => `https://teleport.example.com/web/requests/${id}`,
          userId: () => undefined,
        },
      ),
    );
    assert.ok(isAnnouncementOf(message.content, this.id));
    switch (work?.kind) {
      case undefined:
        return;
      case "settle":
        return await this.#store(recipient, () => ({ kind: "dropped" }));
      case "post": {
        const nonce = `${recipient.slice(0, 20)}${work.generation}`
          .slice(0, 25);
        const { status, id } = this.#call(
          "POST",
          `/channels/${recipient}/messages`,
          encodePost(message, nonce),
        );
        // A recipient that is no channel is refused for what it is; the text never is.
        if (recipient !== CHANNEL) assert.notEqual(status, 400);
        else assert.equal(status, 200);
        return await this.#store(
          recipient,
          () =>
            status !== 200 ? { kind: "dropped" } : {
              kind: "posted",
              message: { channelId: recipient, messageId: id },
              generation: work.generation,
              shows: digestOf(data),
              hides: [],
            },
        );
      }
      case "edit": {
        const { channelId, messageId } = work.delivery.message;
        const { status } = this.#call(
          "PATCH",
          `/channels/${channelId}/messages/${messageId}`,
          encodeEdit(message),
        );
        assert.notEqual(status, 400);
        const shows = status === 200 ? digestOf(data) : SHOWS_GONE;
        return await this.#store(
          recipient,
          () => ({ ...work.delivery, shows }),
        );
      }
    }
  }

  async #store(
    recipient: string,
    delivery: () => Parameters<typeof withDelivery>[2],
  ): Promise<void> {
    await this.#record.update(
      (data) => ({
        ...withDelivery(data, recipient, delivery()),
        own: true,
        leaseHolder: SELF,
      }),
    );
  }

  #call(
    method: string,
    path: string,
    body: unknown,
  ): { status: number; id: string } {
    const text = JSON.stringify(body);
    assert.ok(text.isWellFormed());
    const reply = this.discord.handle({
      method,
      path,
      query: new URLSearchParams(),
      authorization: `Bot ${TOKEN}`,
      userAgent: "DiscordBot (https://example.com, 1)",
      body: JSON.parse(text),
    });
    const { id = "" } = reply.body as { id?: string };
    return { status: reply.status, id };
  }

  #auth(): PluginDataStore {
    return {
      getPluginData: () => Promise.resolve(this.#stored()),
      updatePluginData: (_, set, expect) => {
        try {
          return Promise.resolve(this.#update(set, expect));
        } catch (error) {
          return Promise.reject(error);
        }
      },
    };
  }

  #stored(): StoredEntries | undefined {
    const [data] = this.cluster.pluginData(
      "access_request",
      this.id,
      "discord",
    );
    return data === undefined ? undefined : convertPluginData(
      PluginDataV3.decode(PluginDataV3.encode(data).finish()),
      "discord",
    );
  }

  #update(
    set: Readonly<Record<string, string>>,
    expect: Readonly<Record<string, string>>,
  ): void {
    const params = PluginDataUpdateParams.create({
      kind: "access_request",
      resource: this.id,
      plugin: "discord",
      set: new Map(Object.entries(set)),
      expect: new Map(Object.entries(expect)),
    });
    const bytes = PluginDataUpdateParams.encode(params).finish();
    try {
      this.cluster.updatePluginData(PluginDataUpdateParams.decode(bytes));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const code = error.code === 9 ? "FAILED_PRECONDITION" : "INTERNAL";
      throw new TeleportError("UpdatePluginData", code, error.message);
    }
  }
}

/** Whether the cluster still takes reviews of a request. */
export function isPending({ cluster, id }: Loop): boolean {
  return cluster.request(id)?.spec?.state === RequestState.PENDING;
}
