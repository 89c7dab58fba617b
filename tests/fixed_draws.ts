/**
 * Has property tests draw the same values in each run of `deno task test`, so that a failure is due to the change
 * at hand. A file that is run by `deno test` draws new ones.
 *
 * @module
 */

import { configureGlobal } from "fast-check";

configureGlobal({ seed: 18 });
