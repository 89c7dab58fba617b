/**
 * What decides whether a notice is due.
 *
 * @module
 */

import type { NoticeSettings } from "../../people/people_config.ts";
import type { AccessRequest } from "../../ports/access_request.ts";

/** What decides whether a notice is due. */
export interface NoticeTerms {
  readonly notices: NoticeSettings;
  /** The newest that is known of the request; `undefined` if it could not be read. */
  readonly request: AccessRequest | undefined;
  /** Whether the request is known to be gone. */
  readonly isGone: boolean;
  readonly now: Date;
}
