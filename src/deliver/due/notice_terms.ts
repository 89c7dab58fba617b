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
  /** The request, as far as it is known to exist. */
  readonly request: AccessRequest | undefined;
  readonly now: Date;
}
