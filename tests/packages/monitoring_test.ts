/** Rules for alerts, as Prometheus itself takes and tries them. */

import { ROOT } from "../../packaging/source.ts";
import { needs } from "../left_out.ts";
import { check } from "./tools.ts";

const FOLDER = `${ROOT}packaging/monitoring`;
const { ignore, leftOut } = needs("promtool");

Deno.test({
  name:
    `monitoring: Prometheus takes the rules, and they fire when they are to${leftOut}`,
  ignore,
  fn: async () => {
    await check(["promtool", "check", "rules", `${FOLDER}/alerts.yaml`]);
    await check(["promtool", "test", "rules", `${FOLDER}/alerts_test.yaml`]);
  },
});
