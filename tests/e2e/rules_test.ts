/** Rules that newer servers than 18.0 have: schedules and resource labels, by a stand-in. */

import assert from "node:assert/strict";
import { PaginatedResource } from "../../src/teleport/gen/auth_service.ts";
import { channelId, World } from "./world.ts";

const [FALLBACK, PROD, WEEK, NIGHT, STRANGE] = [1, 2, 3, 4, 5].map(channelId);
const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];

Deno.test("schedules and resource labels decide, and a rule of an unknown form costs nothing", async () => {
  const node = PaginatedResource.create({
    node: {
      metadata: { name: "n1", labels: new Map([["env", "prod"]]) },
      spec: { hostname: "web-1" },
    },
  });
  await using world = await World.create({
    auth: { resources: [node] },
    channels: {
      "*": [FALLBACK, PROD, WEEK, NIGHT, STRANGE].flatMap((c) => c ?? []),
    },
  });
  await world.configure({ channels: { "*": [FALLBACK ?? ""] } });
  const { rules } = world.auth;
  const shifts = WEEKDAYS.map((weekday) => ({
    weekday,
    start: "00:00",
    end: "23:59",
  }));
  const isDev = 'access_request.spec.roles.contains("dev")';
  rules.put({
    name: "week",
    condition: isDev,
    recipients: [WEEK ?? ""],
    schedules: { week: { timezone: "Asia/Seoul", shifts } },
  });
  rules.put({
    name: "never",
    recipients: [NIGHT ?? ""],
    schedules: { night: { shifts: [] } },
  });
  // Field 1 announces a hundred bytes that do not follow.
  const scheduleBytes = new Uint8Array([10, 100, 1]);
  rules.put({ name: "strange", scheduleBytes, recipients: [STRANGE ?? ""] });
  rules.put({
    name: "prod",
    condition:
      'access_request.spec.resource_labels_union["env"].contains("prod")',
    recipients: [PROD ?? ""],
  });
  await using plugin = await world.start().ready();

  // The last 59 s of a day are in no shift.
  const created = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const dev = world.auth.createRequest({ roles: ["dev"], created });
  await world.shows(dev, "PENDING", WEEK);
  const resources = [{ kind: "node", name: "n1" }];
  const prod = world.auth.createRequest({ roles: ["access"], resources });
  await world.shows(prod, "PENDING", PROD);
  const ops = world.auth.createRequest({ roles: ["ops"] });
  await world.shows(ops, "PENDING", FALLBACK);
  for (const channel of [NIGHT, STRANGE]) {
    assert.deepEqual(world.discord.messages(channel ?? ""), []);
  }
  assert.deepEqual(
    plugin.lines("access monitoring rule cannot be used").map((line) =>
      /rule=(\w+)/.exec(line)?.[1]
    ),
    ["strange"],
  );
  assert.equal(await plugin.stop(), 0);
});
