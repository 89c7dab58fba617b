/**
 * Finding who has to do with a request, for its messages and for whom they are sent to.
 *
 * @module
 */

import type { AccessRequest } from "../ports/access_request.ts";
import type { PluginData } from "../record/plugin_data.ts";
import type { DiscordUsers } from "./discord_users.ts";
import type { PeopleConfig } from "./people_config.ts";
import { completePeople, peopleOf, withPeople } from "./people_of_request.ts";

/** What a {@linkcode PeopleFinder} needs. */
export interface PeopleFinderOptions {
  readonly people: () => PeopleConfig;
  readonly discordUsers: DiscordUsers;
}

/** The people of one request, as they become known. */
export interface FoundPeople {
  /** Settles when nobody more will become known; `undefined` if that is so already. It never rejects. */
  readonly rest: Promise<void> | undefined;
  /** Returns the data of a claim with those who are known. */
  readonly claim: (data: PluginData) => PluginData;
  /** Returns stored data with those who became known since; the same object if that is nobody. */
  readonly complete: (data: PluginData) => PluginData;
}

/** Finds the people of requests; it neither fails nor holds anything up. */
export class PeopleFinder {
  readonly #options: PeopleFinderOptions;

  constructor(options: PeopleFinderOptions) {
    this.#options = options;
  }

  /** Looks for the people of a request, and waits for them no longer than a time. */
  async find(request: AccessRequest, waitMs: number): Promise<FoundPeople> {
    const { people, discordUsers } = this.#options;
    const policy = { ...people(), knowsUsers: discordUsers.knowsUsers };
    const lookup = discordUsers.lookUp(peopleOf(request, policy));
    await discordUsers.wait(lookup, waitMs);
    const { soFar, rest } = lookup;
    return {
      rest,
      claim: (data) => withPeople(data, request, soFar, policy),
      complete: (data) => completePeople(data, request, soFar, policy),
    };
  }

  /** Gets to know who has reviewed a request, and waits for that no longer than a time. */
  async findReviewers(
    request: AccessRequest | undefined,
    waitMs: number,
  ): Promise<void> {
    const { discordUsers } = this.#options;
    const reviews = request?.reviews ?? [];
    if (!discordUsers.knowsUsers || reviews.length === 0) return;
    const names = new Set(reviews.map(({ author }) => author));
    await discordUsers.wait(discordUsers.lookUp([...names]), waitMs);
  }
}
