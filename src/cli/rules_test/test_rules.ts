/**
 * `teleport-discord rules test`
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { DEFAULT_CONFIG_PATH } from "../../config/default_path.ts";
import { openDraft } from "../../config/load.ts";
import { quote } from "../../config/reading/problem.ts";
import { EXIT } from "../../lib/exit_codes.ts";
import type { AccessRequest } from "../../ports/access_request.ts";
import {
  concernsRouting,
  keepsSchedules,
  SCHEDULES_SINCE,
} from "../../ports/auth_service.ts";
import type { MonitoringRule } from "../../ports/monitoring_rule.ts";
import {
  createInput,
  type LookedUp,
  type Lookup,
} from "../../route/predicate/condition.ts";
import { recipientsFor } from "../../route/role_map.ts";
import { lookUp } from "../../route/router.ts";
import { prepareRule } from "../../route/routing_rule.ts";
import { describeBeside } from "./also_told.ts";
import { judgeRules } from "./evaluate_rules.ts";
import {
  lookedUpIn,
  onlyRequest,
  readResourceFile,
  type Resources,
  type RulePlace,
} from "./resource_file.ts";
import { formatReport } from "./rules_report.ts";

/** What the command line says. */
export interface RulesTestOptions {
  /** A file, or the ID of a request in the cluster. */
  readonly request: string;
  /** A file; without it the rules of the cluster. */
  readonly rules: string | undefined;
  /** Without it the default one counts if it is there. */
  readonly config: string | undefined;
}

/** IDs of requests; a file of such a name can be written with `./` before it. */
const REQUEST_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Prints which rules match a request, why, and who would be told.
 *
 * @returns The exit code: 78 if a rule that concerns this plugin cannot be used or evaluated, else 0.
 * @throws {OperatorError} If a file, the configuration or the cluster cannot be used.
 */
export async function testRules(
  options: RulesTestOptions,
  print: (text: string) => void,
  stop: AbortSignal,
): Promise<number> {
  await using owned = new AsyncDisposableStack();
  const source = await openSource(options, stop, owned);
  const { request, rules, config } = source;
  const ours = [...rules.keys()].filter(concernsRouting)
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
  const prepared = new Map(
    ours.map((rule) => [prepareRule(rule), rules.get(rule)]),
  );
  const needed = new Set(
    prepared.keys().flatMap(({ rule }) => rule?.condition.lookups ?? []),
  );
  const lookedUp = await source.lookUp(needed);
  const input = createInput(request, lookedUp);
  const judgements = judgeRules(prepared, request.created, input);
  const configured = config && recipientsFor(request.roles, config.routing);
  const notes = [...notesOn(source, ours, needed, lookedUp)];
  print(formatReport(request, judgements, notes, configured));
  const isFlawed = judgements.some(({ kind }) =>
    kind === "unusable" || kind === "fails"
  );
  return isFlawed ? EXIT.config : EXIT.stopped;
}

/** What is to be said beside the rules, each a sentence. */
function* notesOn(
  { request, rules, others, serverVersion, config }: Source,
  ours: readonly MonitoringRule[],
  needed: ReadonlySet<Lookup>,
  lookedUp: LookedUp,
): Iterable<string> {
  // A misspelled kind would look as if there were no rule.
  for (const { kind, place } of others) {
    const isKind = `but of the kind ${quote(kind)}`;
    yield `${place} is no access_monitoring_rule, ${isKind}.`;
  }
  const foreign = rules.size - ours.length;
  if (foreign > 0) {
    yield `${foreign} ${foreign === 1 ? "rule is" : "rules are"} about other ` +
      "plugins or other things than access requests.";
  }
  yield* noteOnUnknown(request, needed, lookedUp);
  if (serverVersion !== undefined) yield* noteOnSchedules(ours, serverVersion);
  if (config !== undefined) yield* describeBeside(request, config);
}

function* noteOnUnknown(
  { id, user, resources }: AccessRequest,
  needed: ReadonlySet<Lookup>,
  { userTraits, resourceLabels }: LookedUp,
): Iterable<string> {
  const unknown: string[] = [];
  const names = [`access_request/${id}`];
  if (needed.has("userTraits") && userTraits === undefined) {
    unknown.push(`the traits of ${user}`);
    names.push(`user/${user}`);
  }
  if (needed.has("resourceLabels") && resourceLabels === undefined) {
    unknown.push("the labels of the resources");
    names.push(...resources.map(({ kind, name }) => `${kind}/${name}`));
  }
  if (unknown.length === 0) return;
  yield `Not known: ${
    unknown.join(", ")
  }. Write the file of the request with ` +
    `\`tctl get ${names.join()}\`.`;
}

/** Rules of a file are judged with their schedules, which the server would drop. */
function* noteOnSchedules(
  rules: readonly MonitoringRule[],
  serverVersion: string,
): Iterable<string> {
  if (rules.length === 0 || keepsSchedules(serverVersion)) return;
  const names = rules.filter(({ schedules }) => schedules.size > 0)
    .map(({ name }) => name);
  const what = names.length === 0
    ? "each rule holds day and night, whatever was written"
    : `${names.join(", ")} would hold day and night`;
  yield `Teleport ${serverVersion} keeps no schedules, from ${SCHEDULES_SINCE} ` +
    `on it does: there, ${what}.`;
}

/** Where everything comes from. */
interface Source {
  readonly request: AccessRequest;
  /** With the place of each that was read from a file. */
  readonly rules: ReadonlyMap<MonitoringRule, RulePlace | undefined>;
  /** What the file with the rules holds beside them. */
  readonly others: Resources["others"];
  readonly config: Config | undefined;
  /** Of the cluster; `undefined` without one. */
  readonly serverVersion: string | undefined;
  lookUp(needed: ReadonlySet<Lookup>): Promise<LookedUp>;
}

/** @param owned Gets what has to be closed in the end. */
async function openSource(
  options: RulesTestOptions,
  stop: AbortSignal,
  owned: AsyncDisposableStack,
): Promise<Source> {
  const requestFile = REQUEST_ID.test(options.request)
    ? undefined
    : await readResourceFile(options.request, "printed");
  const rulesFile = options.rules === undefined
    ? undefined
    : await readResourceFile(options.rules, "to be created");
  const written = requestFile && onlyRequest(requestFile, options.request);
  if (written && rulesFile) {
    return {
      request: written,
      rules: rulesFile.rules,
      others: rulesFile.others,
      config: await configIfThere(options.config),
      serverVersion: undefined,
      lookUp: () => Promise.resolve(lookedUpIn(requestFile, written)),
    };
  }
  const config = await readConfig(options.config ?? DEFAULT_CONFIG_PATH);
  // Only here: files need no gRPC.
  const source = await import("./cluster_source.ts");
  const cluster = await source.connect(config, stop, owned);
  const request = written ??
    await source.findRequest(cluster, options.request);
  const rules = rulesFile?.rules ??
    new Map((await source.listRules(cluster)).map((rule) => [rule, undefined]));
  const { serverVersion } = await cluster.client.ping();
  const inFile = requestFile && lookedUpIn(requestFile, request);
  return {
    request,
    rules,
    others: rulesFile?.others ?? [],
    config,
    serverVersion,
    lookUp: async (needed) => {
      const { teleportLookups } = cluster;
      const found = await lookUp(request, needed, teleportLookups, false);
      return {
        userTraits: inFile?.userTraits ?? found.userTraits,
        resourceLabels: inFile?.resourceLabels ?? found.resourceLabels,
      };
    },
  };
}

/** The token is not needed here, so it is not read. */
async function readConfig(path: string): Promise<Config> {
  return (await openDraft(path)).finish();
}

/** Without a connection the configuration only says who is told if no rule does. */
async function configIfThere(
  path: string | undefined,
): Promise<Config | undefined> {
  if (path !== undefined) return await readConfig(path);
  const isThere = await Deno.stat(DEFAULT_CONFIG_PATH)
    .then(() => true, () => false);
  return isThere ? await readConfig(DEFAULT_CONFIG_PATH) : undefined;
}
