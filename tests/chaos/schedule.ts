/**
 * What happens in one run: requests and what becomes of them, processes that die, and faults.
 *
 * A schedule is plain JSON, so that one that found a bug can be kept as it is.
 *
 * @module
 */

/** One thing that is done to a request, some time after it was made. */
export type Step =
  | {
    readonly kind: "review";
    readonly afterMs: number;
    readonly verdict: "APPROVED" | "DENIED";
    /** Whether this review is the one that decides. */
    readonly decides: boolean;
  }
  | {
    readonly kind: "resolve";
    readonly afterMs: number;
    readonly state: "APPROVED" | "DENIED" | "PROMOTED";
    readonly reason: string;
  }
  | { readonly kind: "touch"; readonly afterMs: number }
  | { readonly kind: "remove"; readonly afterMs: number }
  /** A person deletes the request's messages in one of the channels. */
  | {
    readonly kind: "delete message";
    readonly afterMs: number;
    readonly channel: number;
  };

/** What an official plugin does with a request before it goes away for good. */
export interface OfficialScript {
  readonly claimAfterMs: number;
  /** How many of the recipients it posts to. */
  readonly posts: number;
  readonly postMs: number;
  /** Whether it lives long enough to record its messages. */
  readonly records: boolean;
}

export interface RequestPlan {
  readonly atMs: number;
  readonly route: Route;
  /** How long it may stay pending, and how long access lasts. */
  readonly pendingMin: number;
  readonly accessMin: number;
  readonly hasResource: boolean;
  /** Discord refuses what was typed into it. */
  readonly offends: boolean;
  readonly official?: OfficialScript | undefined;
  readonly steps: readonly Step[];
}

/** Roles of a request, each with its recipients. */
export type Route = "one" | "two" | "all" | "nobody";

export const ROUTES: Readonly<Record<Route, readonly number[]>> = {
  one: [0],
  two: [0, 1],
  all: [0, 1, 2, 3],
  nobody: [],
};

/** What happens to a process. */
export interface Outage {
  readonly atMs: number;
  readonly slot: number;
  readonly graceful: boolean;
  /** A killed process makes so many more calls first. */
  readonly calls: number;
  readonly downMs: number;
}

/** A process is held still in the middle of a call, as by SIGSTOP, and goes on. */
export interface Hold {
  readonly atMs: number;
  readonly slot: number;
  /** It makes so many more calls first. */
  readonly calls: number;
  readonly forMs: number;
}

export type FaultKind =
  | "clock jumps"
  | "auth refuses"
  | "auth loses answers"
  | "auth is slow"
  | "auth conflicts"
  | "auth denies"
  | "stream ends"
  | "init never comes"
  | "init is late"
  | "kind is missing"
  | "events are slow"
  | "events get lost"
  | "list is partial"
  | "lookups fail"
  | "discord refuses"
  | "discord loses answers"
  | "discord is slow"
  | "rate limit"
  | "slots are late"
  | "channel forbidden"
  | "unknown refusals"
  | "parts refused"
  | "address blocked"
  | "thread archived"
  | "token refused";

/** Something is wrong for a while. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** How many of the calls fail. */
  readonly rate: number;
  /** Only this process, or both. */
  readonly slot?: number | undefined;
  /** Only this channel, or all. */
  readonly channel?: number | undefined;
}

/** Who else is told of what nobody decides on. */
export interface EscalationPlan {
  readonly afterMs: number;
  /** Only for requests of this role; left out, for all. */
  readonly route?: Route | undefined;
  /** Indexes of channels. */
  readonly channels: readonly number[];
}

/** What the configuration says about people. */
export interface PeoplePlan {
  /** Whether requesters are told of reviews and outcomes. */
  readonly requester: boolean;
  readonly reviewers: "mention" | "dm" | "off";
  readonly remindAfterMs?: readonly number[] | undefined;
  readonly beforeEndMs?: number | undefined;
  readonly escalations?: readonly EscalationPlan[] | undefined;
  /** Whether announcements get threads. */
  readonly threads?: boolean | undefined;
  /** Whether Discord users are known from traits, which have to be looked up. */
  readonly byTrait: boolean;
}

/** Somebody clicks on a button of a request's message. */
export interface ClickPlan {
  readonly atMs: number;
  /** Which of the requests there are then, and which of its messages. */
  readonly request: number;
  readonly channel: number;
  readonly person: number;
  readonly verdict: "approve" | "deny";
  /** How often, without waiting for an answer. */
  readonly times: number;
  /** What of it no honest Discord would say. */
  readonly forged: "none" | "request" | "message" | "guild";
}

export interface Schedule {
  readonly seed: number;
  /** Left out, nobody is known or told anything beside announcements. */
  readonly people?: PeoplePlan | undefined;
  readonly requests: readonly RequestPlan[];
  readonly outages: readonly Outage[];
  readonly faults: readonly Fault[];
  /** A channel that is closed to the bot some day, for good. */
  readonly closed?:
    | { readonly channel: number; readonly atMs: number }
    | undefined;
  /** When a second instance starts, if one does. */
  readonly secondAtMs?: number | undefined;
  readonly nonceWindowMs: number;
  /** Events come in bursts of this time; 0 means at once. */
  readonly pollMs: number;
  /** Lists come from another cache, which is up to this much behind that of the events. */
  readonly listLagMs: number;
  readonly resyncMs: number;
  /** Requests that are made when all is well, and must find their way without delay. */
  readonly late: readonly RequestPlan[];
  readonly discordSkewMs: number;
  /** How many messages of other people stand in each channel. */
  readonly chatter: number;
  /** Left out, messages have no buttons. */
  readonly clicks?: readonly ClickPlan[] | undefined;
  readonly holds?: readonly Hold[] | undefined;
  /** Index of a channel that is a forum, if one is. */
  readonly forum?: number | undefined;
}

/** Begins everything that a person typed. */
export const TYPED = "typed: ";

/** The time in which things go wrong. */
export const CHAOS_MS = 15 * 60_000;

/** After this time all is well again: breakers are open for up to 16 min when the faults end. */
export const WELL_MS = CHAOS_MS + 20 * 60_000;

/** The end: plugin data that is to expire has done so. */
export const END_MS = 75 * 60_000;
