/** The pictures in docs/images/ are those that `deno task pictures` draws. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { ROOT } from "../../packaging/source.ts";
import { drawGallery } from "../../pictures/gallery.ts";
import { readPage } from "./pages.ts";

const gallery = await drawGallery();

for (const [name, svg] of gallery) {
  Deno.test(`docs/images/${name} is what the program says today`, async () => {
    const kept = await Deno.readTextFile(`${ROOT}docs/images/${name}`);
    ok(kept === svg, "draw it anew: deno task pictures");
  });
}

const PLACES: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["pending.svg"],
  "docs/languages.md": ["pending-korean.svg"],
  "docs/hiding.md": ["hidden.svg", "revealed.svg"],
  "docs/forums.md": ["forum.svg"],
  "docs/reviewing.md": ["pending.svg", "approved.svg"],
  "docs/people.md": ["direct-message.svg"],
  "docs/reminders.md": ["reminder.svg", "escalation.svg", "before-end.svg"],
  "docs/check.md": ["check-good.svg", "check-bad.svg"],
  "docs/connecting.md": ["routes.svg"],
  "docs/metrics.md": ["dashboard.svg"],
  "docs/performance.md": ["growth.svg"],
  "docs/design/architecture.md": ["request.svg"],
  "docs/design/round-trips.md": ["round-trips.svg"],
};

for (const [path, names] of Object.entries(PLACES)) {
  Deno.test(`${path} shows ${names.join(" and ")}`, async () => {
    const shown = [
      ...(await readPage(path)).matchAll(/!\[[^\]]+\]\(\S*images\/(\S+)\)/g),
    ].map(([, name]) => name);
    deepStrictEqual(shown, [...names]);
  });
}

Deno.test("each picture in docs/images/ is drawn by the task", async () => {
  const names = (await Array.fromAsync(Deno.readDir(`${ROOT}docs/images`)))
    .map(({ name }) => name).filter((name) => name.endsWith(".svg"));
  deepStrictEqual(names.toSorted(), [...gallery.keys()].toSorted());
});
