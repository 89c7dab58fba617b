/** Clicks, from the moment they are told of to what the person who clicked reads. */

import assert from "node:assert/strict";
import { waitFor } from "../../src/lib/async/wait.ts";
import { Secret } from "../../src/lib/secret.ts";
import { EN } from "../../src/message/catalogue/en.ts";
import {
  type LanguageChoice,
  textsForClick,
} from "../../src/message/catalogue/languages.ts";
import {
  TeleportUsers,
  type TeleportUsersOptions,
} from "../../src/people/teleport_users.ts";
import type { AccessRequest } from "../../src/ports/access_request.ts";
import type { Click } from "../../src/ports/clicks.ts";
import { DiscordApiError } from "../../src/ports/discord_error.ts";
import type { ChannelInfo } from "../../src/ports/messenger.ts";
import type { ReviewSubmission } from "../../src/ports/review_service.ts";
import {
  type StatusName,
  TeleportError,
} from "../../src/ports/teleport_error.ts";
import type { NamedUser } from "../../src/ports/user.ts";
import type { HiddenFields } from "../../src/record/hidden_fields.ts";
import { encodePluginData } from "../../src/record/plugin_data_codec.ts";
import {
  ClickHandler,
  type ClickHandlerOptions,
} from "../../src/review/click_handler.ts";
import {
  ReviewSubmitter,
  type ReviewSubmitterOptions,
} from "../../src/review/review_submitter.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLogger } from "../fakes/logger.ts";
import {
  accessRequest,
  CREATED,
  hoursLater,
  pluginData,
  REQUEST_ID,
} from "../fakes/samples.ts";

const CHANNEL = "800000000000000001";
const MESSAGE = "900000000000000001";
const RITA = "1600000000000000001";
const ALICE = "1600000000000000002";
const EVE = "1600000000000000003";
const TRAIT = "discord_id";

const KOREAN: LanguageChoice = {
  language: "ko",
  languageByRecipient: new Map(),
};

const STORED = pluginData({
  deliveries: new Map([[CHANNEL, {
    kind: "posted",
    message: { channelId: CHANNEL, messageId: MESSAGE },
    generation: 1,
    shows: "x",
    hides: [],
  }]]),
  requestExpires: hoursLater(1),
});

/** A review service between an Auth Service and a Discord that say what a test wants. */
class World {
  readonly clock = new FakeClock(CREATED.getTime());
  readonly logger = new MemoryLogger();
  readonly requests = new Map([[REQUEST_ID, accessRequest()]]);
  readonly stored = new Map([[REQUEST_ID, STORED]]);
  users: readonly NamedUser[] = [
    { name: "rita", traits: new Map([[TRAIT, [RITA]]]) },
    { name: "alice", traits: new Map([[TRAIT, [ALICE, "x"]]]) },
    { name: "bob", traits: new Map([["other", [RITA]], [TRAIT, []]]) },
  ];
  userLists = 0;
  /** How long a list of all users takes. */
  listMs = 0;
  /** What was submitted, and by which click each thing was answered. */
  readonly reviews: ReviewSubmission[] = [];
  readonly answers: string[] = [];
  /** What the forms said of who reads the reason. */
  readonly placeholders: string[] = [];
  /** What the calls fail with, by method. */
  readonly faults = new Map<string, Error>();
  readonly stop = new AbortController();
  readonly review: ClickHandler;

  constructor(
    options: Partial<
      ClickHandlerOptions & ReviewSubmitterOptions & TeleportUsersOptions
    > = {},
  ) {
    const fail = (method: string) => {
      const fault = this.faults.get(method);
      if (fault !== undefined) throw fault;
    };
    const say = (kind: string, text: string) => {
      fail(kind);
      this.answers.push(text === "" ? kind : `${kind}: ${text}`);
      return Promise.resolve();
    };
    const { clock, logger } = this;
    const common = {
      textsFor: () => EN,
      reasonRule: "deny",
      clock,
      logger,
      cancellation: {
        stop: this.stop.signal,
        deadline: new AbortController().signal,
      },
    } as const;
    const auth: ReviewSubmitterOptions["auth"] & TeleportUsersOptions["auth"] =
      {
        getAccessRequest: async (id) => {
          await Promise.resolve();
          fail("getAccessRequest");
          return this.requests.get(id);
        },
        getPluginData: async (id) => {
          await Promise.resolve();
          fail("getPluginData");
          const data = this.stored.get(id);
          const expires = undefined;
          return data && { entries: encodePluginData(data), expires };
        },
        listUsers: async () => {
          await Promise.resolve();
          this.userLists++;
          fail("listUsers");
          const { users } = this;
          if (this.listMs > 0) await this.clock.sleep(this.listMs, NEVER);
          return users;
        },
        submitReview: async (review) => {
          await Promise.resolve();
          this.reviews.push(review);
          fail("submitReview");
        },
      };
    const reviewers = new TeleportUsers({
      auth,
      people: () => ({ users: new Map(), userIdTrait: TRAIT }),
      clock,
      logger,
      ...options,
    });
    const submitter = new ReviewSubmitter({
      auth,
      reviewers,
      getChannel: async () => {
        await Promise.resolve();
        fail("getChannel");
        return {
          name: "",
          lastMessageId: undefined,
          guildId: "1",
          forum: undefined,
        };
      },
      hiddenFor: () => [],
      botId: () => "2",
      ...common,
      ...options,
    });
    this.review = new ClickHandler({
      submitter,
      answers: {
        defer: () => say("defer", ""),
        reply: (_, text) => say("reply", text),
        openForm: (_, { customId, title, placeholder }) => {
          this.placeholders.push(placeholder);
          return say(`form ${customId}`, title);
        },
        tell: (_, { content, buttons }) =>
          say(
            "tell",
            [content, ...buttons.map(({ label }) => `[${label}]`)]
              .join(" "),
          ),
      },
      hiddenAt: ({ channelId }) => options.hiddenFor?.(channelId) ?? [],
      ...common,
      ...options,
    });
    this.see();
  }

  see(request: AccessRequest | undefined = accessRequest()): void {
    this.review.see(REQUEST_ID, request);
  }

  /** Clicks, and waits for what comes of it; returns all that was answered. */
  async click(fields: Partial<Click> = {}): Promise<string> {
    const from = this.answers.length;
    this.review.take(click(fields));
    await this.review.drain();
    return this.answers.slice(from).join(" / ");
  }
}

function click(fields: Partial<Click> = {}): Click {
  return {
    id: "1",
    token: new Secret("secret-token-of-the-click"),
    applicationId: "2",
    kind: "button",
    customId: `approve:${REQUEST_ID}`,
    userId: RITA,
    guildId: "1",
    channelId: CHANNEL,
    messageId: MESSAGE,
    authorId: "2",
    isEphemeral: false,
    locale: undefined,
    reason: "",
    atMs: 0,
    ...fields,
  };
}

function refusal(code: StatusName, detail: string): TeleportError {
  return new TeleportError("SubmitAccessReview", code, detail);
}

const DENIED = "PERMISSION_DENIED";

const NEVER = new AbortController().signal;

/** Each refusal: what is the case, what the person reads, and how many reviews went out. */
const REFUSALS: Readonly<
  Record<string, readonly [(world: World) => Partial<Click>, RegExp, number]>
> = {
  "another message": [
    () => ({ messageId: "900000000000000002" }),
    /does not belong to this message/,
    0,
  ],
  "another channel": [
    () => ({ channelId: "800000000000000002" }),
    /does not belong to this message/,
    0,
  ],
  "another server": [
    () => ({ guildId: "7" }),
    /does not belong to this message/,
    0,
  ],
  "another request, which was announced elsewhere": [
    (world) => {
      world.requests.set("other", accessRequest({ id: "other" }));
      world.stored.set("other", pluginData({ deliveries: new Map() }));
      return { customId: "approve:other" };
    },
    /does not belong to this message/,
    0,
  ],
  "another request, of which nothing is known": [
    () => ({ customId: "approve:none" }),
    /does not exist any more/,
    0,
  ],
  "a request that is gone": [
    (world) => {
      world.requests.clear();
      return {};
    },
    /does not exist any more/,
    0,
  ],
  "a request that expired": [
    (world) => {
      world.requests.clear();
      world.clock.jump(2 * 3_600_000);
      return {};
    },
    /has expired/,
    0,
  ],
  "a resolved request": [
    (world) => {
      world.requests.set(REQUEST_ID, accessRequest({ state: "DENIED" }));
      return {};
    },
    /already denied/,
    0,
  ],
  "long-term access": [
    (world) => {
      world.requests.set(REQUEST_ID, accessRequest({ kind: "LONG_TERM" }));
      return {};
    },
    /web UI/,
    0,
  ],
  "somebody who is nobody in Teleport": [
    () => ({ userId: EVE }),
    /not linked to a Teleport user/,
    0,
  ],
  "somebody who is two people in Teleport": [
    (world) => {
      const traits = new Map([[TRAIT, [RITA]]]);
      world.users = [...world.users, { name: "rob", traits }];
      return {};
    },
    /more than one Teleport user/,
    0,
  ],
  "the requester": [() => ({ userId: ALICE }), /your own request/, 0],
  "a form without a reason": [
    () => ({ kind: "form", customId: `deny:${REQUEST_ID}`, reason: " \n" }),
    /A reason is needed/,
    0,
  ],
  "who has reviewed already": [
    (world) => {
      const detail = 'user "rita" has already reviewed this request';
      world.faults.set("submitReview", refusal("ALREADY_EXISTS", detail));
      return {};
    },
    /already reviewed this request, as Teleport user `rita`/,
    1,
  ],
  "who may not review": [
    (world) => {
      const detail = 'user "rita" cannot submit reviews';
      world.faults.set("submitReview", refusal(DENIED, detail));
      return {};
    },
    /`rita` may not review this request/,
    1,
  ],
  "a user who does not exist": [
    (world) => {
      const detail = 'user "rita" is not found';
      world.faults.set("submitReview", refusal("NOT_FOUND", detail));
      return {};
    },
    /`rita` may not review this request/,
    1,
  ],
  "a server that knows no reviews for others": [
    (world) => {
      const detail = 'user "p" cannot submit reviews on behalf of "rita"';
      world.faults.set("submitReview", refusal(DENIED, detail));
      return {};
    },
    /does not let this bot submit reviews/,
    1,
  ],
  "a second factor": [
    (world) => {
      const detail = "admin-level API request requires MFA verification";
      world.faults.set("submitReview", refusal(DENIED, detail));
      return {};
    },
    /asks for a second factor/,
    1,
  ],
  "somebody else who was quicker": [
    (world) => {
      const detail = "the access request has been already approved";
      world.faults.set("submitReview", refusal(DENIED, detail));
      return {};
    },
    /already approved/,
    1,
  ],
  "a state that this build does not know": [
    (world) => {
      const detail = "the access request has been already withdrawn";
      world.faults.set("submitReview", refusal(DENIED, detail));
      return {};
    },
    /not pending any more/,
    1,
  ],
  "a request that goes at that moment": [
    (world) => {
      const detail = 'cannot apply review to access request "1" (not found)';
      world.faults.set("submitReview", refusal("NOT_FOUND", detail));
      return {};
    },
    /does not exist any more/,
    1,
  ],
  "a refusal in unknown words": [
    (world) => {
      world.faults.set("submitReview", refusal("INVALID_ARGUMENT", "what?"));
      return {};
    },
    /Teleport refused the review/,
    1,
  ],
  "an Auth Service that does not answer": [
    (world) => {
      world.faults.set("getAccessRequest", refusal("UNAVAILABLE", "gone"));
      return {};
    },
    /cannot be reached right now, and nothing was recorded/,
    0,
  ],
  "users that cannot be listed for now": [
    (world) => {
      world.faults.set("listUsers", refusal("UNAVAILABLE", "gone"));
      return {};
    },
    /cannot be reached right now/,
    0,
  ],
  "a Discord that does not say where the click was": [
    (world) => {
      const error = new DiscordApiError("GET", "no", { status: 502 });
      world.faults.set("getChannel", error);
      return {};
    },
    /could not be checked right now, and nothing was recorded/,
    0,
  ],
  "a review that may have arrived": [
    (world) => {
      world.faults.set("submitReview", refusal("DEADLINE_EXCEEDED", "late"));
      return {};
    },
    /may or may not have been recorded/,
    1,
  ],
};

for (const [name, [arrange, text, submitted]] of Object.entries(REFUSALS)) {
  Deno.test(`refused: ${name}`, async () => {
    const world = new World();
    const answer = world.click(arrange(world));
    await world.clock.advance(500);
    assert.match(await answer, /^defer \/ tell: /);
    assert.match(world.answers.at(-1) ?? "", text);
    assert.equal(world.reviews.length, submitted);
  });
}

Deno.test("a click is deferred, checked, submitted and told", async () => {
  const world = new World();
  assert.equal(
    await world.click(),
    "defer / tell: Your approval is recorded, as Teleport user `rita`.",
  );
  assert.deepEqual(world.reviews, [
    { requestId: REQUEST_ID, author: "rita", verdict: "approve", reason: "" },
  ]);
  assert.doesNotMatch(world.logger.text, /secret-token/);
});

Deno.test("answers and forms follow the language of the person's Discord", async () => {
  const textsFor = (click: Click) => textsForClick(KOREAN, click);
  const world = new World({ textsFor });
  assert.equal(
    await world.click(),
    "defer / tell: 승인이 기록되었습니다. Teleport 사용자: `rita`",
  );
  const deny = { customId: `deny:${REQUEST_ID}` };
  assert.equal(
    await world.click({ ...deny, locale: "en-GB" }),
    `form deny:${REQUEST_ID}: Deny the request`,
  );
  assert.equal(
    await world.click({ ...deny, locale: "ko" }),
    `form deny:${REQUEST_ID}: 요청 거부`,
  );
});

Deno.test("who clicks where something is hidden reads it first, then reviews", async () => {
  const world = new World({
    hiddenFor: () => ["user", "roles", "reason"],
    reasonRule: "always",
  });
  const deny = { customId: `deny:${REQUEST_ID}` };
  // The form would ask for the reason of a review of what nobody has read.
  assert.equal(
    await world.click(deny),
    "defer / tell: Part of this request is hidden in its message, so nothing is recorded yet. " +
      "Please read it here, then decide:\n*User*: alice\n*Role*: `dev` *Login(s)*: `root` [Approve] [Deny]",
  );
  assert.deepEqual(world.reviews, []);
  const shown = world.logger.find("hidden fields shown to a reviewer")[0];
  assert.equal(shown?.fields.discord_user, RITA);
  const answer = {
    customId: `deny:${REQUEST_ID}:${MESSAGE}`,
    messageId: "990000000000000001",
    isEphemeral: true,
  };
  assert.equal(
    await world.click(answer),
    `form deny:${REQUEST_ID}:${MESSAGE}: Deny the request`,
  );
  const form = { ...answer, kind: "form", reason: "no" } as const;
  assert.match(
    await world.click(form),
    /^defer \/ tell: Your denial is recorded/,
  );
  assert.deepEqual(world.reviews, [
    { requestId: REQUEST_ID, author: "rita", verdict: "deny", reason: "no" },
  ]);
});

Deno.test("nobody else reads what is hidden", async () => {
  const world = new World({ hiddenFor: () => ["reason"] });
  world.requests.set(REQUEST_ID, accessRequest({ reason: "secret reason" }));
  world.stored.set(REQUEST_ID, { ...STORED, reason: "secret reason" });
  for (const userId of [EVE, ALICE]) {
    assert.match(await world.click({ userId }), /tell: (?!Part of)/);
  }
  world.requests.delete(REQUEST_ID);
  await world.click();
  assert.ok(world.answers.every((text) => !text.includes("secret reason")));
});

Deno.test("what only the message still hides is shown as well, after the form", async () => {
  const world = new World();
  const [[recipient = "", delivery] = []] = STORED.deliveries;
  assert.ok(delivery?.kind === "posted");
  world.stored.set(REQUEST_ID, {
    ...STORED,
    deliveries: new Map([[recipient, { ...delivery, hides: ["roles"] }]]),
  });
  const deny = { customId: `deny:${REQUEST_ID}` };
  assert.match(await world.click(deny), /^form deny/);
  const form = { ...deny, kind: "form", reason: "no" } as const;
  assert.match(await world.click(form), /tell: Part of this request is hidden/);
  assert.deepEqual(world.reviews, []);
});

Deno.test("a place that hides less than it seems asks for the reason all the same", async () => {
  // A post of a forum is a channel of its own: only what is stored says which forum it belongs to.
  const forum = "810000000000000001";
  const world = new World({
    hiddenFor: (recipient) => recipient === forum ? [] : ["reason"],
    reasonRule: "always",
  });
  const [[, delivery] = []] = STORED.deliveries;
  assert.ok(delivery?.kind === "posted");
  world.stored.set(REQUEST_ID, {
    ...STORED,
    deliveries: new Map([[forum, delivery]]),
  });
  assert.match(await world.click(), /tell: .*\*Role\*.*\[Approve\]/s);
});

Deno.test("administrators are warned of a Discord user who is two in Teleport", async () => {
  const users = new Map([["rob", RITA]]);
  const world = new World({ people: () => ({ users, userIdTrait: TRAIT }) });
  await world.click();
  await world.click({ userId: EVE });
  const lines = world.logger.find("click was not submitted");
  assert.deepEqual(lines.map(({ level }) => level), ["warning", "info"]);
  assert.deepEqual(lines[0]?.fields.users, ["rob", "rita"]);
});

Deno.test("a button that is not ours is refused at once", async () => {
  const world = new World();
  assert.match(
    await world.click({ customId: "promote:1" }),
    /^reply: .*does not belong/,
  );
  assert.equal(world.userLists, 0);
});

Deno.test("where a reason is needed a form opens, from what is at hand", async () => {
  const world = new World();
  const deny = { customId: `deny:${REQUEST_ID}` };
  world.faults.set("getAccessRequest", refusal("UNAVAILABLE", "gone"));
  assert.equal(
    await world.click(deny),
    `form deny:${REQUEST_ID}: Deny the request`,
  );
  // Somebody may close the form and open it again.
  assert.match(await world.click(deny), /^form/);
  world.faults.clear();
  const form = { ...deny, kind: "form", reason: " not today " } as const;
  assert.match(await world.click(form), /Your denial is recorded/);
  assert.deepEqual(world.reviews.map(({ reason }) => reason), ["not today"]);
  assert.doesNotMatch(world.logger.text, /not today/);
});

Deno.test("a form says whether its reason will be shown", async () => {
  let hidden: HiddenFields = [];
  const world = new World({ hiddenFor: () => hidden });
  const deny = { customId: `deny:${REQUEST_ID}` };
  await world.click(deny);
  hidden = ["review_reasons"];
  await world.click(deny);
  assert.deepEqual(world.placeholders, [
    EN.form.placeholder.shown,
    EN.form.placeholder.hidden,
  ]);
});

Deno.test("no form opens for a request that is not known to be pending", async () => {
  for (
    const request of [
      undefined,
      accessRequest({ state: "APPROVED" }),
      accessRequest({ kind: "LONG_TERM" }),
    ]
  ) {
    const world = new World();
    world.review.see(REQUEST_ID, request);
    if (request !== undefined) world.requests.set(REQUEST_ID, request);
    const clicked = world.click({ customId: `deny:${REQUEST_ID}` });
    await world.clock.advance(500);
    const answer = await clicked;
    assert.match(answer, /^defer \/ tell: /);
    assert.match(answer, /again in a moment|already approved|web UI/);
    assert.equal(world.reviews.length, 0);
  }
});

Deno.test("the same click within some seconds does nothing", async () => {
  const world = new World();
  await world.click();
  assert.match(await world.click(), /^reply: You have just clicked this/);
  assert.equal(world.reviews.length, 1);
  await world.clock.advance(5000);
  assert.match(await world.click(), /^defer/);
  assert.equal(world.reviews.length, 2);
});

Deno.test("checks that take too long submit nothing, not even later", async () => {
  const channel = Promise.withResolvers<ChannelInfo>();
  const world = new World({ getChannel: () => channel.promise });
  const answer = world.click();
  await world.clock.advance(12_000);
  assert.match(await answer, /^defer \/ tell: .*could not be checked/);
  channel.resolve({
    name: "",
    lastMessageId: "1",
    guildId: "1",
    forum: undefined,
  });
  await world.clock.advance(12_000);
  assert.equal(world.reviews.length, 0);
  assert.equal(world.clock.sleepers, 0);
});

Deno.test("a limit of Discord's is not waited out for a click, nor does a stop leave it unanswered", async () => {
  const world = new World({
    getChannel: (_, { stop: wait }) => waitFor(new Promise(() => {}), wait),
  });
  const answer = world.click();
  await world.clock.advance(1000);
  world.stop.abort();
  await world.clock.advance(11_000);
  assert.match(await answer, /could not be checked/);
});

Deno.test("whoever is told to click again may do so at once", async () => {
  const world = new World();
  const deny = { customId: `deny:${REQUEST_ID}` };
  world.review.see(REQUEST_ID, undefined);
  const early = world.click(deny);
  await world.clock.advance(500);
  assert.match(await early, /again in a moment/);
  world.see();
  assert.match(await world.click(deny), /^form/);
  const form = { ...deny, kind: "form" } as const;
  assert.match(await world.click({ ...form, reason: " " }), /write one/);
  assert.match(
    await world.click({ ...form, reason: "not today" }),
    /Your denial is recorded/,
  );
});

Deno.test("after a doubt the next click counts at once", async () => {
  const world = new World();
  world.faults.set("submitReview", refusal("UNAVAILABLE", "gone"));
  await world.click();
  const detail = 'user "rita" has already reviewed this request';
  world.faults.set("submitReview", refusal("ALREADY_EXISTS", detail));
  assert.match(await world.click(), /already reviewed/);
});

Deno.test("after a click that Discord calls failed the next counts at once", async () => {
  for (const [status, code] of [[502, undefined], [404, 10062]] as const) {
    const world = new World();
    const error = new DiscordApiError("POST", "no", { status, code });
    world.faults.set("defer", error);
    const form = {
      kind: "form",
      customId: `deny:${REQUEST_ID}`,
      reason: "not today",
    } as const;
    assert.equal(await world.click(form), "");
    world.faults.clear();
    assert.match(await world.click(form), /Your denial is recorded/);
  }
});

Deno.test("a click that another process answers counts as one", async () => {
  const world = new World();
  const taken = { status: 400, code: 40060 };
  world.faults.set("defer", new DiscordApiError("POST", "no", taken));
  assert.equal(await world.click(), "");
  world.faults.clear();
  assert.match(await world.click(), /^reply: You have just clicked this/);
});

Deno.test("so many clicks in a minute, and the rest is told to wait", async () => {
  const world = new World();
  const foreign = { customId: "x" };
  for (let i = 0; i < 20; i++) {
    assert.match(await world.click(foreign), /does not belong/);
  }
  assert.match(await world.click(foreign), /^reply: Too many clicks/);
  for (let i = 0; i < 180; i++) {
    await world.click({ ...foreign, userId: `17000000000000${1000 + i}` });
  }
  assert.match(
    await world.click({ ...foreign, userId: EVE }),
    /^reply: Too many clicks/,
  );
  await world.clock.advance(60_000);
  assert.match(await world.click(foreign), /does not belong/);
});

Deno.test("a click that another process answered is dropped", async () => {
  for (const code of [40060, 10062]) {
    const world = new World();
    const error = new DiscordApiError("POST", "no", { status: 400, code });
    world.faults.set("defer", error);
    assert.equal(await world.click(), "");
    assert.equal(world.reviews.length, 0);
    assert.equal(world.userLists, 0);
    assert.equal(world.logger.at("warning").length, 0);
  }
});

Deno.test("whoever does not know a request lets others answer first", async () => {
  const world = new World();
  const deny = { customId: `deny:${REQUEST_ID}` };
  world.review.see(REQUEST_ID, undefined);
  const clicked = world.click(deny);
  await world.clock.advance(499);
  assert.deepEqual(world.answers, []);
  // Meanwhile it has heard of it.
  world.see();
  await world.clock.advance(1);
  assert.match(await clicked, /^form/);
  world.review.see(REQUEST_ID, undefined);
  const error = new DiscordApiError("POST", "no", { status: 400, code: 40060 });
  world.faults.set("defer", error);
  const again = world.click(deny);
  await world.clock.advance(500);
  assert.equal(await again, "");
  assert.equal(world.userLists, 0);
});

Deno.test("a click that could not be answered is dropped with a warning", async () => {
  const world = new World();
  world.faults.set("defer", new DiscordApiError("POST", "no", { status: 0 }));
  assert.equal(await world.click(), "");
  assert.equal(world.reviews.length, 0);
  assert.equal(world.logger.find("cannot answer a click").length, 1);
  // Discord tells the person that it failed, so it is clicked again at once.
  world.faults.clear();
  assert.match(
    await world.click(),
    /^defer \/ tell: Your approval is recorded/,
  );
});

Deno.test("an outcome that cannot be told leaves the review as it is", async () => {
  const world = new World();
  world.faults.set("tell", new DiscordApiError("PATCH", "no", { status: 500 }));
  assert.equal(await world.click(), "defer");
  assert.equal(world.reviews.length, 1);
  assert.equal(world.logger.find("cannot answer a click").length, 1);
});

Deno.test("what only administrators can repair is told to them once", async () => {
  for (const detail of ["on behalf of x", "requires MFA verification"]) {
    const world = new World();
    world.faults.set("submitReview", refusal(DENIED, detail));
    await world.click();
    await world.click({
      customId: `deny:${REQUEST_ID}`,
      kind: "form",
      reason: "x",
    });
    const lines = world.logger.find("may not submit reviews");
    assert.equal(lines.length, 1);
    assert.match(`${lines[0]?.fields.hint}`, /submit_for_users|tbot/);
  }
});

Deno.test("the configuration says who is who before any trait does", async () => {
  const users = new Map([["rita", EVE], ["rob", RITA]]);
  const world = new World({ people: () => ({ users, userIdTrait: TRAIT }) });
  await world.click();
  await world.click({ userId: EVE });
  assert.deepEqual(world.reviews.map(({ author }) => author), ["rob", "rita"]);
});

Deno.test("without a trait nobody is listed", async () => {
  const users = new Map([["rita", RITA]]);
  const world = new World({
    people: () => ({ users, userIdTrait: undefined }),
  });
  assert.match(await world.click(), /`rita`/);
  assert.equal(world.userLists, 0);
});

Deno.test("users that may not be listed leave the configuration, with one warning", async () => {
  const users = new Map([["rita", RITA]]);
  const world = new World({ people: () => ({ users, userIdTrait: TRAIT }) });
  world.faults.set("listUsers", refusal(DENIED, "no"));
  assert.match(await world.click(), /`rita`/);
  await world.clock.advance(20_000);
  assert.match(await world.click({ userId: ALICE }), /not linked/);
  assert.equal(
    world.logger.find((line) => line.message.startsWith("may not list users"))
      .length,
    1,
  );
});

Deno.test("users are listed again after 10 s: a trait can be taken away", async () => {
  const world = new World();
  await world.click();
  world.users = [];
  await world.clock.advance(9000);
  await world.click();
  assert.equal(world.userLists, 1);
  await world.clock.advance(5000);
  assert.match(await world.click(), /not linked/);
  assert.equal(world.userLists, 2);
});

Deno.test("a cluster whose users take long to list can be reviewed in all the same", async () => {
  const world = new World();
  world.listMs = 15_000;
  const first = world.click();
  await world.clock.advance(12_000);
  assert.match(await first, /could not be checked .* Please click again/);
  const second = world.click();
  await world.clock.advance(3_000);
  assert.match(await second, /Your approval is recorded/);
  assert.equal(world.userLists, 1);
  // A trait that was taken away counts no longer than for half a minute.
  world.users = [];
  await world.clock.advance(15_000);
  const third = world.click();
  await world.clock.advance(12_000);
  assert.match(await third, /could not be checked/);
  assert.equal(world.userLists, 2);
  await world.clock.advance(3_000);
  assert.match(await world.click(), /not linked/);
});

Deno.test("after the signal to stop no click is taken", async () => {
  const world = new World();
  world.stop.abort();
  assert.equal(await world.click(), "");
});
