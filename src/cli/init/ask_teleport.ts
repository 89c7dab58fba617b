/**
 * Asks for the identity and the address, and tries them.
 *
 * @module
 */

import { resolve } from "node:path";
import { examineTeleport } from "../../check/collect/teleport_side.ts";
import { judgeCredentials } from "../../check/judge/judge_credentials.ts";
import type { Finding } from "../../check/report/finding.ts";
import { draftConfig } from "../../config/config.ts";
import { describeError } from "../../lib/log/log_format.ts";
import { OperatorError } from "../../lib/operator_error.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import { loadCredentials } from "../../teleport/credentials/identity_files.ts";
import { formatConfig } from "./config_text.ts";
import type { Interview, StartCheck, Verdict } from "./interview.ts";
import { howToMakeIdentity } from "./teleport_user.ts";

/** An identity file and what is in it. */
export interface Identity {
  readonly path: string;
  readonly credentials: Credentials;
}

/**
 * Asks for the identity file.
 *
 * @param given Value of the flag.
 * @param explain Prints how to make one.
 */
export function askIdentity(
  interview: Interview,
  given: string | undefined,
  explain: (text: string) => void,
  startCheck: StartCheck,
): Promise<Identity> {
  return interview.settle({
    given,
    text: "Path of the identity file",
    withoutAnswer: "Enter alone shows how to make one",
    async check(answer): Promise<Verdict<Identity>> {
      if (answer === "") {
        explain(`\n${howToMakeIdentity()}\n`);
        return { value: undefined, findings: [] };
      }
      const { clock, env } = startCheck();
      // A shell would have replaced it.
      const path = resolve(answer.replace(/^~(?=\/)/, env("HOME") ?? "~"));
      const now = new Date(clock.now());
      try {
        const source = { kind: "identity", path } as const;
        const credentials = await loadCredentials(source, now);
        const findings = [judgeCredentials(credentials, now)];
        return { value: { path, credentials }, findings };
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        return refused({
          id: "teleport.credentials",
          subject: `identity file ${path}`,
          status: "failed",
          detail: describeError(error),
          remedy: error.hint,
        });
      }
    },
  });
}

/** Asks for the address, tries each route to it, and what the role of the plugin allows. */
export function askAddress(
  interview: Interview,
  given: string | undefined,
  { path, credentials }: Identity,
  startCheck: StartCheck,
): Promise<string> {
  const { clusterName } = credentials;
  return interview.settle({
    given,
    text: "Address of the Proxy or the Auth Service, as host:port",
    // Mostly a cluster is named after the address of its Proxy.
    ...clusterName.includes(".") ? { fallback: `${clusterName}:443` } : {},
    async check(addr): Promise<Verdict<string>> {
      if (addr === "") return { value: undefined, findings: [] };
      const text = formatConfig({
        addr,
        identityPath: path,
        tokenPath: "./token",
        recipient: "123456789012345678",
      });
      const { values, problems } = draftConfig(text, "");
      const problem = problems.inOrder.find(({ severity }) =>
        severity === "fault"
      );
      if (problem !== undefined) {
        return refused({
          id: "configuration.problem",
          subject: "address",
          status: "failed",
          detail: problem.detail,
          remedy: problem.hint,
        });
      }
      const needed = { value: { values, credentials } };
      const { findings } = await examineTeleport(
        { findings: [], needed },
        startCheck(),
      );
      const isReached = findings.some(({ id }) => id === "teleport.version");
      return { value: isReached ? addr : undefined, findings };
    },
  });
}

function refused(finding: Finding): { value: undefined; findings: Finding[] } {
  return { value: undefined, findings: [finding] };
}
