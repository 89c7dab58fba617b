/**
 * Deliberately broken variants of the service: what a mistake in it would look like.
 *
 * @module
 */

import type { Mutant } from "./build.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "claims what others have claimed",
    file: "record/plugin_data_codec.ts",
    from: '[...OFFICIAL_KEYS, "x-version", "x-owner"].map((key) => [key, ""])',
    to: '[["x-nobody-writes-this", ""]]',
  },
  {
    name: "records an edit before it is made",
    file: "deliver/edit_message.ts",
    from: "delivery.attempts++;",
    to: `await delivery.record((stored) =>
      withDelivery(stored, delivery.subject.recipient, {
        ...due, shows: digestOf(noted) }));`,
  },
  {
    name: "never searches",
    file: "deliver/post_once.ts",
    from: "if (request.record.takenOver) return true;",
    to: "return false;",
  },
  {
    name: "trusts a nonce for ever",
    file: "deliver/post_once.ts",
    from: "const TRUSTED_NONCE_MS = 60_000;",
    to: "const TRUSTED_NONCE_MS = Infinity;",
  },
  {
    name: "never takes over",
    file: "reconcile/leases.ts",
    from: "const LEASE_MS = 10_000;",
    to: "const LEASE_MS = 1e12;",
  },
  {
    name: "takes over at once",
    file: "reconcile/leases.ts",
    from: "const LEASE_MS = 10_000;",
    to: "const LEASE_MS = 0;",
  },
  {
    name: "renders an edit before it has its slot",
    file: "deliver/edit_message.ts",
    from: `const compose = async () => {
      attempt = await this.#composeIfDue(delivery, messageId);`,
    to: `const early = await this.#composeIfDue(delivery, messageId);
    const compose = async () => {
      attempt = await Promise.resolve(
        early && { ...early, message: { ...early.message, readAtMs: undefined } });`,
  },
  {
    name: "does not read plugin data again before a call",
    file: "record/request_record.ts",
    from:
      "return data?.leaseHolder === self && isYoung ? this.#snapshot : undefined;",
    // With its true age it would be composed anew without end.
    to: "return this.#snapshot && { ...this.#snapshot, readAtMs: Infinity };",
  },
  {
    name: "edits what another process has taken over",
    file: "deliver/edit_message.ts",
    from: "delivery.holdLease(isDue, { mayRepeat: true })",
    to: "delivery.holdLease(isDue, { fromAnybody: true })",
  },
  {
    name: "edits back what it showed if the write failed",
    file: "deliver/in_flight.ts",
    from: "if (!await storing.ended) return undefined;",
    to: "await storing.ended;",
  },
  {
    name: "does not look at what a message shows that was left",
    file: "deliver/adopt_verdict.ts",
    from: "if (!isLeft) return false;",
    to: "return false;",
  },
  {
    name: "looks at what a message shows only before it shows an end",
    file: "deliver/adopt_verdict.ts",
    from: "data === undefined || isDecided(shownState(data))",
    to: 'data?.resolution !== "EXPIRED"',
  },
  {
    name: "forgets the reviews that only a message shows",
    file: "deliver/adopt_verdict.ts",
    from: "return reviewsCount > data.reviewsCount",
    to: "return false",
  },
  {
    name: "takes lost answers of posts for refusals",
    file: "deliver/post_once.ts",
    from:
      "const isRefused = error instanceof DiscordApiError && error.refused;",
    to: "const isRefused = error instanceof DiscordApiError;",
  },
  {
    name: "has a nonce for each process",
    file: "deliver/post_once.ts",
    from: "shortDigest(id, recipient, purpose, generation)",
    to: "shortDigest(id, recipient, this.#options.self, generation)",
  },
  {
    name: "believes that a repeated post shows what it sent",
    file: "deliver/post_once.ts",
    from: "repeat ? undefined : attempt.sent.data;",
    to: "attempt.sent.data;",
  },
  {
    name: "drops without searching",
    file: "deliver/deliveries.ts",
    from:
      "data.leaseHolder !== self ||\n      this.#posts.mayRepeat(delivery);",
    to: "false;",
  },
  {
    name: "lets an older state replace a newer one",
    file: "reconcile/observe.ts",
    from: "if (RANK[request.state] < RANK[stored] && !reappeared) return data;",
    to: "",
  },
  {
    name: "lets fewer reviews replace more",
    file: "reconcile/observe.ts",
    from:
      'request.state === "UNKNOWN" || request.reviews.length < data.reviewsCount',
    to: 'request.state === "UNKNOWN"',
  },
  {
    name: "lets DELETE override a resolved state",
    file: "reconcile/observe.ts",
    from: 'if (data.resolution !== "") return data;',
    to: 'if (data.resolution === "EXPIRED") return data;',
  },
  {
    name: "takes absence from a list for the end",
    file: "reconcile/read_by_id.ts",
    from:
      "absenceProves || absenceMeansExpired(snapshot, new Date(clock.now()))",
    to: "snapshot !== undefined",
  },
  {
    name: "does not read by ID what a list does not show",
    file: "reconcile/reconciler.ts",
    from: 'if (data.resolution === "" || data.inferred || mayHaveEnded) {',
    to: 'if (id === "") {',
  },
  {
    name: "does not list",
    file: "watch/sweep.ts",
    from: "const stored = await this.#allPluginData(auth);",
    to: "const stored = await this.#allPluginData(auth); return;",
  },
  {
    name: "lists only once",
    file: "watch/watcher.ts",
    from: "await rest(resyncMs * jitter, this.#wake.promise, clock, signal);",
    to: "await rest(1e12 * jitter, this.#wake.promise, clock, signal);",
  },
  {
    name: "does not notice that INIT never comes",
    file: "watch/watcher.ts",
    from: "const INIT_MS = 15_000;",
    to: "const INIT_MS = 1e12;",
  },
  {
    name: "does not care which kinds it may watch",
    file: "watch/watcher.ts",
    from: "if (!kinds.includes(ACCESS_REQUEST_KIND)) {",
    to: "void kinds;\n      if (false) {",
  },
  {
    name: "gives up after a server error",
    file: "deliver/in_flight.ts",
    from: "const { retryAfterMs = 0 } = error;",
    to: "const retryAfterMs = error.status === 429 ? 0 : 1e12;",
  },
  {
    name: "never tries a broken channel again",
    file: "lib/async/breaker.ts",
    from: "this.#retryAt = this.#clock.monotonic() + this.#openMs;",
    to: "this.#retryAt = Infinity;",
  },
  {
    name: "does not wait between failures",
    file: "deliver/in_flight.ts",
    from: ": Math.max(this.backoff.nextMs(), retryAfterMs);",
    to: ": 0;",
  },
  {
    name: "never asks whether the token is good again",
    file: "deliver/token_monitor.ts",
    from: "this.pause.resume();",
    to: "",
  },
  {
    name: "posts again what a person deleted",
    file: "deliver/delivery_failures.ts",
    from: 'await this.#markGone(delivery, "message was deleted", error);',
    to: "await this.#nextGeneration(delivery, 0);",
  },
  {
    name: "announces what has expired",
    file: "deliver/due/due.ts",
    from: "return isLate ? undefined : ",
    to: "return ",
  },
  {
    name: "leaves out whom the official plugin forgot",
    file: "reconcile/decide.ts",
    from: "...withOwed(data, recipients),",
    to: "...data,",
  },
  {
    name: "adopts a claim at once",
    file: "reconcile/decide.ts",
    from: "if (claimedOnly && !holderIsGone) return",
    to: "if (claimedOnly && !holderIsGone && stored.user === '') return",
  },
  {
    name: "ignores changes while a delivery runs",
    file: "lib/async/work_queue.ts",
    from: "if (running !== undefined) running.again = true;",
    to: "if (running !== undefined) return;",
  },
  {
    name: "does not compare what it writes",
    file: "record/request_record.ts",
    from: "expectationsOf(set, entries, takesLease ? data : undefined),",
    to: "takesLease ? expectationsOf(set, entries, data) : {},",
  },
  {
    name: "records news before they are sent",
    file: "deliver/notice_posts.ts",
    from: "return await this.#posts.post(delivery, post);",
    to:
      "if (notice.kind === 'tell-requester') await this.settle(delivery, notice);\n    return await this.#posts.post(delivery, { ...post, isOwed: () => true });",
  },
  {
    name: "records a reminder before it is sent",
    file: "deliver/notice_posts.ts",
    from: "return await this.#posts.post(delivery, post);",
    to:
      "if (notice.kind === 'remind') await this.settle(delivery, notice);\n    return await this.#posts.post(delivery, { ...post, isOwed: () => true });",
  },
  {
    name: "never finds news that were sent before",
    file: "deliver/notice_posts.ts",
    from: "isNews(content, shown(data)),",
    to: "content === '',",
  },
  {
    name: "finds announcements in English alone",
    file: "message/announcement_message.ts",
    from: 'isAbout(content, "announcement", requestId);',
    to: "/^You/.test(content) && isAbout(content, 'announcement', requestId);",
  },
  {
    name: "never finds a reminder that was sent before",
    file: "deliver/notice_posts.ts",
    from:
      "BigInt(id) > BigInt(from) && isReminderOf(content, delivery.request.id),",
    to: "content === id,",
  },
  {
    name: "gives up news whose requester cannot be looked up",
    file: "deliver/notice_posts.ts",
    from: "id = await this.#discordUsers.find(user);",
    to: "id = await this.#discordUsers.find(user).catch(() => undefined);",
  },
  {
    name: "tells again what the requester knows",
    file: "deliver/due/notices.ts",
    from: 'return after.state !== "PENDING" && after.state !== before.state;',
    to: 'return after.state !== "PENDING";',
  },
  {
    name: "owes no news of what the official plugin announced",
    file: "deliver/due/notices.ts",
    from:
      "return tellsMore(known, verdictOf(after)) ? { ...after, told: known } : after;",
    to: "return after;",
  },
  {
    name: "tells of nothing but the end",
    file: "deliver/due/notices.ts",
    from: "if (after.reviews > before.reviews) return true;",
    to: "",
  },
  {
    name: "reminds of what was reviewed",
    file: "deliver/due/reminders.ts",
    from: 'data.resolution !== "" || data.reviewsCount > 0 ||',
    to: "",
  },
  {
    name: "reminds too soon",
    file: "deliver/due/reminders.ts",
    from: ".findLast(({ atMs }) => atMs <= now.getTime());",
    to: ".findLast(({ atMs }) => atMs - 15_000 <= now.getTime());",
  },
  {
    name: "reminds again and again",
    file: "deliver/due/reminders.ts",
    from: "(data.reminded.has(recipient) ? 1 : 0);",
    to: "0;",
  },
  {
    name: "takes the reminder before for the next one",
    file: "deliver/notice_posts.ts",
    from: "laterOf(after, dueMs - CLOCK_SKEW_MS);",
    to: "messageId;",
  },
  {
    name: "reminds late",
    file: "reconcile/request_timers.ts",
    from: "this.#options.onDue(id);",
    to: "void id;",
  },
  {
    name: "tells of an end that came close again and again",
    file: "deliver/due/access_end.ts",
    from: "return isTold(data, end) ? data : { ...data, toldEnd: end };",
    to: "return data;",
  },
  {
    name: "tells of every end, however short access lasted",
    file: "deliver/due/access_end.ts",
    from: "if (beganMs > atMs) return undefined;",
    to: "",
  },
  {
    name: "tells of no end",
    file: "deliver/due/access_end.ts",
    from: "...(told === undefined ? [] : [told.atMs]),",
    to: "",
  },
  {
    name: "records the end before it is told",
    file: "deliver/notice_posts.ts",
    from: "return await this.#posts.post(delivery, post);",
    to:
      "if (notice.kind === 'before-end') await this.settle(delivery, notice);\n    return await this.#posts.post(delivery, { ...post, isOwed: () => true });",
  },
  {
    name: "never finds a notice of the end that was sent before",
    file: "deliver/notice_posts.ts",
    from: "isBeforeEndOf(content, request.id, end),",
    to: "content === request.id,",
  },
  {
    name: "takes the removal of a request for the end of access",
    file: "deliver/due/access_end.ts",
    from: "isPast(data.accessExpires, terms.now);",
    to: "data.accessExpires !== undefined;",
  },
  {
    name: "shows no end",
    file: "deliver/due/due.ts",
    from: "(!isOver || data.ended.has(recipient)) &&",
    to: "",
  },
  {
    name: "forgets the end of what a list does not show",
    file: "reconcile/reconciler.ts",
    from: 'if (data.resolution === "" || data.inferred || mayHaveEnded) {',
    to: 'if (data.resolution === "" || data.inferred) {',
  },
  {
    name: "escalates what was decided",
    file: "deliver/due/escalations.ts",
    from:
      'return !isGone && data.resolution === "" && request?.state === "PENDING" &&',
    to: "return !isGone &&",
  },
  {
    name: "escalates nothing",
    file: "deliver/due/due.ts",
    from: "...escalationTimes(data, terms),",
    to: "",
  },
  {
    name: "escalates too soon",
    file: "deliver/due/escalations.ts",
    from: ".filter(({ afterMs }) => afterMs <= ageMs);",
    to: ".filter(({ afterMs }) => afterMs <= ageMs + 15_000);",
  },
  {
    name: "calls again and again",
    file: "deliver/due/escalations.ts",
    from: "return { ...data, called };",
    to: "return data;",
  },
  {
    name: "calls whom it has just told",
    file: "deliver/due/escalations.ts",
    from: "called.set(recipient, latestOf(its));",
    to: "",
  },
  {
    name: "calls nobody",
    file: "deliver/due/notices.ts",
    from: 'at("escalate", called)',
    to: 'at("escalate", [])',
  },
  {
    name: "records a call before it is made",
    file: "deliver/notice_posts.ts",
    from: "return await this.#posts.post(delivery, post);",
    to:
      "if (notice.kind === 'escalate') await this.settle(delivery, notice);\n    return await this.#posts.post(delivery, { ...post, isOwed: () => true });",
  },
  {
    name: "never finds a call that was made before",
    file: "deliver/notice_posts.ts",
    from: "isEscalationOf(content, request.id, sinceOf(data)),",
    to: "content === request.id,",
  },
  {
    name: "makes a post of a forum again without a search",
    file: "deliver/post_once.ts",
    from: "return forum !== undefined || alsoIn !== undefined ||",
    to: "return alsoIn !== undefined ||",
  },
  {
    name: "never finds a post of a forum",
    file: "deliver/places/search_forum.ts",
    from: "if (first !== undefined && isWanted(first)) return id;",
    to: "",
  },
  {
    name: "posts to a forum at once after a take-over",
    file: "deliver/post_once.ts",
    from: "if (nowMs >= earliestMs) return false;",
    to: "if (nowMs >= 0) return false;",
  },
  {
    name: "leaves a post open that an edit has opened",
    file: "deliver/due/thread_steps.ts",
    from: '? withThread(data, recipient, { kind: "open", said: thread.said })',
    to: "? data",
  },
  {
    name: "never tags a post anew",
    file: "deliver/due/thread_steps.ts",
    from: 'if (!isTagged && thread.kind === "open") {',
    to: "if (false) {",
  },
  {
    name: "closes no post",
    file: "deliver/due/thread_steps.ts",
    from: 'if (!isOver || thread.kind === "closed") return undefined;',
    to: "return undefined;",
  },
  {
    name: "takes a forum for a channel that is closed",
    file: "deliver/places/forums.ts",
    from: "WRONG_KIND.includes(error.code)",
    to: "false",
  },
  // What was wrong once.
  {
    name: "forgets that it took over",
    file: "record/request_record.ts",
    from: "return this.#foreignSeen || !this.#createTried;",
    to: "return this.#snapshot?.data?.leaseHolder !== this.#options.self;",
  },
  {
    name: "forgets an unconfirmed post with its delivery",
    file: "deliver/in_flight.ts",
    from: "this.name = nameOf(subject);",
    to: "this.name = nameOf(subject); request.unconfirmed.delete(this.name);",
  },
  {
    name: "records what is known to be deleted",
    file: "deliver/announcement_post.ts",
    from: 'return origin === "posted" && stored > posted;',
    to: "return false;",
  },
  {
    name: "believes an inferred end while a channel is closed",
    file: "reconcile/reconciler.ts",
    from: '} else if (tracked.observation.gone === "inferred") {',
    to: '} else if (tracked.id === "") {',
  },
  {
    name: "believes that facts never come back",
    file: "reconcile/decide.ts",
    from: "let data = withRepeatsDoubted(stored, observed);",
    to: "let data = observed;",
  },
  {
    name: "raises the generation twice",
    file: "deliver/delivery_failures.ts",
    from:
      'if (now?.kind !== "owed" || now.generation !== lost) return data;\n      const generation = lost + 1;',
    to:
      'if (now?.kind !== "owed") return data;\n      const generation = now.generation + 1;',
  },
  {
    name: "claims again without a wait",
    file: "reconcile/reconciler.ts",
    from:
      "return this.#queue.addAfter(tracked.id, tracked.claimWait.nextMs());",
    to: "return this.#queue.add(tracked.id);",
  },
  {
    name: "reads again without a wait",
    file: "deliver/deliveries.ts",
    from: 'if (record.snapshot === undefined && isEarly) return "wait";',
    to: "",
  },
  {
    name: "gives up what is refused for no known reason",
    file: "deliver/in_flight.ts",
    from: "Math.min(maxMs, firstMs * 2 ** this.#refusals++);",
    to: "maxMs + 1e12 * ++this.#refusals;",
  },
  {
    name: "sends the minimal message when a part is refused",
    file: "deliver/in_flight.ts",
    from: "error.code !== INVALID_FORM ||",
    to: "error.code === INVALID_FORM ||",
  },
  {
    name: "gives nothing back when it stops",
    file: "reconcile/hand_back.ts",
    from: '? { ...data, leaseHolder: "" }',
    to: "? data",
  },
  {
    name: "leaves alone what it cannot read and would escalate",
    file: "reconcile/decide.ts",
    from: "else if (!situation.isConfirmed) {",
    to: "else {",
  },
  {
    name: "takes a lease whatever was written since the read",
    file: "record/request_record.ts",
    from: "expectationsOf(set, entries, takesLease ? data : undefined)",
    to: "expectationsOf(set, entries, undefined)",
  },
  {
    name: "takes a lease whatever was added since the read",
    file: "record/request_record.ts",
    from: "Object.keys({ ...entries, ...encodePluginData(takenFrom) })",
    to: "Object.keys(entries)",
  },
  {
    name: "takes a post from a process that waits with it",
    file: "deliver/post_once.ts",
    from: "fromAnybody: !mustWait,",
    to: "fromAnybody: true,",
  },
  {
    name: "makes no thread while another recipient is waited for",
    file: "reconcile/reconciler.ts",
    from: "isIdle || this.#makesDue(request, name)",
    to: "isIdle",
  },
  {
    name: "lets the lease expire while it waits",
    file: "deliver/post_once.ts",
    from: "if (nowMs < renewAtMs) return true;",
    to: "if (renewAtMs > 0) return true;",
  },
  {
    name: "gives nothing back once a post was in doubt",
    file: "reconcile/hand_back.ts",
    from: "nowMs < untilMs",
    to: "untilMs > 0",
  },
  {
    name: "unarchives again without a wait",
    file: "deliver/delivery_failures.ts",
    from: "if (delivery.unarchived++ > 0) delivery.retry(cause);",
    to: "void cause;",
  },
  {
    name: "never takes an inferred end back",
    file: "reconcile/observe.ts",
    from: 'if (reappeared && observation.source === "list") return "doubtful";',
    to: 'if (reappeared && observation.source === "list") return data;',
  },
  {
    name: "leaves dropped what was only thought to be gone",
    file: "reconcile/observe.ts",
    from: "withEachDelivery(next, oweAgain)",
    to: "next",
  },
  {
    name: "adopts for nobody",
    file: "reconcile/decide.ts",
    from:
      'if (claimedOnly && recipients.length === 0) return ignore("no recipients");',
    to: "",
  },
  {
    name: "submits a click that another process answered",
    file: "review/click_handler.ts",
    from: "return false;\n    }\n  }\n\n  #isRepeated",
    to: "return true;\n    }\n  }\n\n  #isRepeated",
  },
  {
    name: "submits a click before it is answered",
    file: "review/click_handler.ts",
    from: "if (!isOurs) return;",
    to: "",
  },
  {
    name: "takes any message for that of the request",
    file: "review/judge_click.ts",
    from:
      "delivery.message.messageId === messageId &&\n      delivery.message.channelId === click.channelId",
    to: "true",
  },
  {
    name: "takes a click from any server",
    file: "review/judge_click.ts",
    from: "if (click.guildId !== guildId) return undefined;",
    to: "",
  },
  {
    name: "lets a person choose among several users",
    file: "review/judge_click.ts",
    from: 'if (other !== undefined) return { kind: "ambiguous", users };',
    to: "",
  },
  {
    name: "lets the requester review",
    file: "review/judge_click.ts",
    from: 'if (author === request.user) return { kind: "own" };',
    to: "",
  },
  {
    name: "turns a denial into an approval",
    file: "message/review_button.ts",
    from: 'verdict: verdict === "approve" ? "approve" : "deny",',
    to: 'verdict: "approve",',
  },
  {
    name: "submits again after a lost answer",
    file: "review/review_submitter.ts",
    from:
      "      if (!(error instanceof TeleportError)) throw error;\n      const outcome",
    to:
      '      if (!(error instanceof TeleportError)) throw error;\n      if (error.code === "UNAVAILABLE") await auth.submitReview(review);\n      const outcome',
  },
  {
    name: "takes a doubt for a success",
    file: "review/teleport_refusal.ts",
    from: 'return { kind: "in doubt" };',
    to: 'return { kind: "accepted", verdict: "approve", author };',
  },
];
