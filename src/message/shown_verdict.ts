/**
 * Reads back what a message of ours says of a request.
 *
 * @module
 */

import {
  type PluginData,
  SHOWN_STATES,
  type ShownState,
} from "../record/plugin_data.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { CATALOGUES } from "./catalogue/languages.ts";
import { asStored, labelOf, stateLine } from "./lines.ts";
import { sumCounts } from "./review_embeds.ts";

/** What a message says became of a request. */
export interface MessageVerdict
  extends Pick<PluginData, "reviewsCount" | "reviewCounts"> {
  readonly state: ShownState;
}

/** As `reviewCountsOf` writes them. */
const COUNTS = /^(?:✅ (\d+) ❌ (\d+)(?: ⏫ (\d+))?|(\d+))$/;

/**
 * Returns state and reviews by an announcement of ours in any language; `undefined` if it tells none. What the
 * requester typed stands before these lines, and after them at most the reason of who decided.
 */
export function verdictIn(content: string): MessageVerdict | undefined {
  const lines = asStored(content).split("\n");
  const place = lines.findLastIndex((line) => stateIn(line) !== undefined);
  const state = stateIn(lines[place] ?? "");
  return state && { state, ...reviewsIn(lines[place - 1] ?? "") };
}

function stateIn(line: string): ShownState | undefined {
  return SHOWN_STATES.find((state) =>
    restOf(line, (texts) => stateLine(texts, state)) !== undefined
  );
}

/** Returns what follows a beginning that depends on the language; `undefined` if it is not there. */
function restOf(
  line: string,
  beginIn: (texts: Catalogue) => string,
): string | undefined {
  for (const texts of Object.values(CATALOGUES)) {
    const begin = asStored(beginIn(texts));
    if (line.startsWith(begin)) return line.slice(begin.length).trim();
  }
  return undefined;
}

function reviewsIn(line: string): Omit<MessageVerdict, "state"> {
  const rest = restOf(line, (texts) => labelOf(texts, "reviews"));
  const [, approved, denied, promoted = "0", all = "0"] =
    COUNTS.exec(rest ?? "") ?? [];
  if (approved === undefined) {
    return { reviewsCount: Number(all), reviewCounts: undefined };
  }
  const reviewCounts = {
    approvals: Number(approved),
    denials: Number(denied),
    promotions: Number(promoted),
  };
  return { reviewsCount: sumCounts(reviewCounts), reviewCounts };
}
