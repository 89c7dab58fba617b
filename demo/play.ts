/**
 * The play: what people do in Teleport, and what must then be seen in Discord.
 *
 * @module
 */

import { CATALOGUES } from "../src/message/catalogue/languages.ts";
import type { FakeMessage } from "../tests/fakes/discord.ts";
import type { Screen } from "./screen.ts";
import {
  type ChannelName,
  CHANNELS,
  DemoFailure,
  LANGUAGES,
  type Reviewer,
  REVIEWERS,
  type Stage,
  WEB_1,
} from "./stage.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How a message must look. */
interface Look {
  /** Its line `*Status*`. */
  readonly status: string;
  /** Its line `*Reviews*`; none if not given. */
  readonly reviews?: string;
}

/** Plays all scenes. */
export async function play(
  stage: Stage,
  screen: Screen,
  stop: AbortSignal,
): Promise<void> {
  const scenes = new Scenes(stage, screen, stop);
  await scenes.start();
  await scenes.twoApprovals();
  await scenes.denialInTwoChannels();
  await scenes.korean();
  await scenes.expiry();
  await scenes.requestWhileStopped();
  await scenes.end();
}

class Scenes {
  readonly #stage: Stage;
  readonly #screen: Screen;
  readonly #stop: AbortSignal;

  constructor(stage: Stage, screen: Screen, stop: AbortSignal) {
    this.#stage = stage;
    this.#screen = screen;
    this.#stop = stop;
  }

  async start(): Promise<void> {
    const { folder } = this.#stage;
    this.#screen.narrate(
      "A stand-in Auth Service and a stand-in Discord run on this machine. The plugin starts.",
    );
    this.#screen.command(
      "admin",
      `teleport-discord start --config=${folder}/teleport-discord.toml`,
    );
    await this.#stage.startPlugin();
    this.#screen.aside("Plugin is ready");
  }

  async twoApprovals(): Promise<void> {
    const { auth } = this.#stage;
    const now = Date.now();
    this.#screen.narrate(
      "alice asks for a role. Two approvals are needed, and the request is announced.",
    );
    this.#screen.command(
      "alice",
      "tsh request create --roles=db-admin --reason='OPS-4711: *slow* queries in billing'",
    );
    const id = auth.createRequest({
      user: "alice",
      roles: ["db-admin"],
      reason: "OPS-4711: *slow* queries in billing",
      approvalsNeeded: 2,
      requestExpires: new Date(now + HOUR_MS),
      accessExpires: new Date(now + 8 * HOUR_MS),
    });
    await this.#see(id, "access-requests", { status: "⏳ PENDING" });

    this.#screen.narrate(
      "rita approves. The message counts her review and quotes it.",
    );
    this.#screen.command(
      "rita",
      "tsh request review --approve --reason='matches the ticket' …",
    );
    auth.review(id, "rita", "APPROVED", "matches the ticket");
    await this.#see(id, "access-requests", {
      status: "⏳ PENDING",
      reviews: "✅ 1 ❌ 0",
    });

    this.#screen.narrate(
      "rob approves, too, by a click on the button. Teleport takes it as his review, and that is enough.",
    );
    await this.#click(id, "rob", "Approve");
    await this.#see(id, "access-requests", {
      status: "✅ APPROVED",
      reviews: "✅ 2 ❌ 0",
    });
    await this.#seeThread(id, 3);
  }

  async denialInTwoChannels(): Promise<void> {
    const { auth } = this.#stage;
    this.#screen.narrate(
      "bob asks for two roles. One of them has a channel of its own, so there are two messages; that channel is " +
        "not shown reasons.",
    );
    const reason = "disk of a customer is full";
    this.#screen.command(
      "bob",
      `tsh request create --roles=dev,prod-root --reason='${reason}'`,
    );
    const id = auth.createRequest({
      user: "bob",
      roles: ["dev", "prod-root"],
      reason,
    });
    await this.#see(id, "security", { status: "⏳ PENDING" });
    await this.#await(id, "access-requests", { status: "⏳ PENDING" });
    this.#checkReason(id, reason);
    this.#screen.aside(
      "The same message stands in #access-requests, with its reason.",
    );

    this.#screen.narrate("rita denies. Both messages tell so.");
    this.#screen.command(
      "rita",
      "tsh request review --deny --reason='please use staging' …",
    );
    auth.review(id, "rita", "DENIED", "please use staging");
    const denied = { status: "❌ DENIED", reviews: "✅ 0 ❌ 1" };
    await this.#see(id, "security", denied);
    await this.#await(id, "access-requests", denied);
    this.#screen.aside("So does the message in #access-requests.");
  }

  async korean(): Promise<void> {
    const { auth } = this.#stage;
    this.#screen.narrate(
      "jimin asks for a role of the office in Seoul, whose channel is told in Korean.",
    );
    this.#screen.command(
      "jimin",
      "tsh request create --roles=seoul-office --reason='결제 조회가 느립니다'",
    );
    const id = auth.createRequest({
      user: "jimin",
      roles: ["seoul-office"],
      reason: "결제 조회가 느립니다",
      approvalsNeeded: 1,
    });
    await this.#see(id, "seoul", { status: "⏳ 대기 중" });

    this.#screen.narrate(
      "sumi approves by a click, and is answered in the language of her Discord.",
    );
    await this.#click(id, "sumi", "승인", "seoul");
    await this.#see(id, "seoul", {
      status: "✅ 승인됨",
      reviews: "✅ 1 ❌ 0",
    });
  }

  async expiry(): Promise<void> {
    const { auth } = this.#stage;
    this.#screen.narrate("carol asks for a host, which is shown by its name.");
    this.#screen.command(
      "carol",
      `tsh request create --resource=/example.com/node/${WEB_1}`,
    );
    const id = auth.createRequest({
      user: "carol",
      roles: ["node-access"],
      kind: "SHORT_TERM",
      resources: [{ kind: "node", name: WEB_1 }],
      requestExpires: new Date(Date.now() + 10 * MINUTE_MS),
    });
    await this.#see(id, "access-requests", { status: "⏳ PENDING" });

    this.#screen.narrate(
      "Nobody answers in time: Teleport removes the request.",
    );
    auth.delete(id);
    await this.#see(id, "access-requests", { status: "⌛ EXPIRED" });
  }

  async requestWhileStopped(): Promise<void> {
    const { auth, discord } = this.#stage;
    this.#screen.narrate(
      "The plugin is stopped, and dave asks for a role meanwhile.",
    );
    this.#screen.command("admin", "systemctl stop teleport-discord");
    await this.#stage.stopPlugin();
    this.#screen.command("dave", "tsh request create --roles=dev");
    const id = auth.createRequest({ user: "dave", roles: ["dev"] });

    this.#screen.narrate("The plugin starts again, and catches up.");
    this.#screen.command("admin", "systemctl start teleport-discord");
    await this.#stage.startPlugin();
    await this.#see(id, "access-requests", { status: "⏳ PENDING" });

    this.#screen.narrate(
      "A moderator deletes that message, then rita approves. What people delete stays deleted.",
    );
    const message = this.#stage.message(id, "access-requests");
    if (message !== undefined) discord.api.deleteMessage(message.id);
    this.#screen.command("rita", "tsh request review --approve …");
    auth.review(id, "rita", "APPROVED");
    await this.#stage.expect(
      `the plugin to note that message ${message?.id} was deleted`,
      auth.until(() =>
        Object.values(auth.pluginData(id) ?? {})
          .some((value) => / gone$/.test(value))
      ),
    );
    this.#screen.aside("The plugin notes it, and posts nothing.");
  }

  /** Shows what stands in the thread of a request, once it has told so much and is closed. */
  async #seeThread(id: string, count: number): Promise<void> {
    const { discord } = this.#stage;
    const threadId = this.#stage.message(id, "access-requests")?.id ?? "";
    await this.#stage.expect(
      "the thread of the request to be closed",
      discord.waitFor(() =>
        discord.api.channels.get(threadId)?.archived === true
      ),
    );
    const told = discord.messages(threadId);
    check("messages in the thread", told.length, count);
    const { name } = discord.api.channels.get(threadId) ?? {};
    this.#screen.narrate(
      `The thread "${name}" has told each step, and is closed:`,
    );
    for (const { content } of told) {
      this.#screen.aside(content.split("\n")[0] ?? "");
    }
  }

  /** Stops the plugin, and checks that nothing happened but what was shown. */
  async end(): Promise<void> {
    await this.#stage.stopPlugin();
    const { discord } = this.#stage;
    const channels = Object.values(CHANNELS);
    const posted = discord.callNames.filter((name) =>
      channels.some((id) => name === `POST /channels/${id}/messages`)
    );
    const left = channels.map((id) => discord.messages(id).length);
    check("6 posts", posted.length, 6);
    check(
      "3 messages in #access-requests, 1 in #security and 1 in #seoul",
      `${left}`,
      "3,1,1",
    );
    const edits = discord.calls
      .filter(({ name, status }) =>
        /^PATCH \/channels\/\d+\/messages\//.test(name) && status === 200
      ).length;
    this.#screen.narrate(
      `Every message was as it should be: ${posted.length} posts, ${edits} edits.`,
    );
  }

  /** The reason is in one channel, and hidden in the other. */
  #checkReason(id: string, reason: string): void {
    const isIn = (channel: ChannelName) =>
      this.#stage.message(id, channel)?.content.includes(reason);
    check("a reason in #access-requests", isIn("access-requests"), true);
    check("no reason in #security", isIn("security"), false);
  }

  /** Lets somebody click, and shows what only that person is told. */
  async #click(
    id: string,
    user: Reviewer,
    label: string,
    channel: ChannelName = "access-requests",
  ): Promise<void> {
    const { auth, discord } = this.#stage;
    const { gateway } = discord;
    const message = this.#stage.message(id, channel);
    if (gateway === undefined || message === undefined) {
      throw new DemoFailure(`nothing to click on for ${id}`);
    }
    await this.#stage.expect(
      "the plugin to listen for clicks",
      gateway.waitFor(({ live }) => live > 0),
    );
    // Before that, whoever clicks is told to click again.
    await this.#stage.expect(
      "the message to be recorded",
      auth.until(() =>
        auth.pluginData(id)?.["messages"]?.includes(message.id) === true
      ),
    );
    const seen = discord.click({
      message,
      label,
      userId: REVIEWERS[user],
      locale: LANGUAGES[channel],
    });
    await this.#stage.expect(
      "an answer to the click",
      discord.waitFor(() => (seen.text ?? "") !== ""),
    );
    this.#screen.aside(`Only ${user} sees: ${seen.text?.replaceAll("`", "")}`);
  }

  /** Waits until a message looks as it must, and shows it. */
  async #see(id: string, channel: ChannelName, look: Look): Promise<void> {
    const message = await this.#await(id, channel, look);
    this.#screen.card(channel, message, LANGUAGES[channel]);
    await this.#screen.pause(this.#stop);
  }

  async #await(
    id: string,
    channel: ChannelName,
    look: Look,
  ): Promise<FakeMessage> {
    const find = () => this.#stage.message(id, channel);
    const { status, reviews } = CATALOGUES[LANGUAGES[channel]].labels;
    const wanted = [
      `*${status}*: ${look.status}`,
      ...look.reviews === undefined ? [] : [`*${reviews}*: ${look.reviews}`],
    ];
    await this.#stage.expect(
      `a message in #${channel} that says ${wanted.join(" and ")}`,
      this.#stage.discord.waitFor(() => {
        const lines = find()?.content.split("\n");
        return lines !== undefined &&
          wanted.every((line) => lines.includes(line)) &&
          lines.some((line) => line.startsWith(`*${reviews}*:`)) ===
            (look.reviews !== undefined);
      }),
      () => JSON.stringify(find()?.content ?? "no message"),
    );
    const message = find();
    if (message === undefined) {
      throw new DemoFailure(`message of ${id} is gone`);
    }
    checkParts(message, look);
    return message;
  }
}

/** A button as long as the request can be reviewed, and an embed for each review. */
function checkParts(message: FakeMessage, look: Look): void {
  const isPending = look.status.startsWith("⏳");
  const counts = look.reviews?.match(/\d+/g) ?? [];
  const reviews = counts.reduce((sum, count) => sum + Number(count), 0);
  check("rows of buttons", message.components.length, isPending ? 1 : 0);
  check("embeds", message.embeds.length, reviews);
}

function check(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return;
  throw new DemoFailure(`expected ${expected} (${what}), found ${found}`);
}
