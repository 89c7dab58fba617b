/**
 * `deno task pictures`: draws the pictures of the documentation into `docs/images/`.
 *
 * @module
 */

import { ROOT } from "../packaging/source.ts";
import { drawGallery } from "./gallery.ts";

const folder = `${ROOT}docs/images`;
await Deno.mkdir(folder, { recursive: true });
for (const [name, svg] of await drawGallery()) {
  await Deno.writeTextFile(`${folder}/${name}`, svg);
}
