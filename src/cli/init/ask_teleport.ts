/**
 * Asks for the identity and the address, and tries them.
 *
 * @module
 */

import { resolve } from "node:path";
import { examineCredentials } from "../../check/collect/local_setup.ts";
import { examineTeleport } from "../../check/collect/teleport_side.ts";
import type { Credentials } from "../../teleport/credentials/identity.ts";
import { draftAnswers } from "./config_text.ts";
import { type Interview, unfit } from "./interview.ts";
import { howToMakeIdentity } from "./teleport_user.ts";

/** An identity file and what is in it. */
export interface Identity {
  readonly path: string;
  readonly credentials: Credentials;
}

/** Asks for the identity file. @param given Value of the flag. */
export function askIdentity(
  interview: Interview,
  given: string | undefined,
): Promise<Identity> {
  return interview.settle({
    given,
    text: "Path of the identity file",
    withoutAnswer: {
      text: "Enter alone shows how to make one",
      run: () => interview.say(`\n${howToMakeIdentity()}\n`),
    },
    async check(answer) {
      const { clock, env } = interview.startCheck();
      // A shell would have replaced it.
      const path = resolve(answer.replace(/^~(?=\/)/, env("HOME") ?? "~"));
      const { credentials, finding } = await examineCredentials(
        { kind: "identity", path },
        new Date(clock.now()),
        `identity file ${path}`,
      );
      return {
        value: credentials && { path, credentials },
        findings: [finding],
      };
    },
  });
}

/** Asks for the address, tries each route to it, and what the role of the plugin allows. */
export function askAddress(
  interview: Interview,
  given: string | undefined,
  { path, credentials }: Identity,
): Promise<string> {
  const { clusterName } = credentials;
  return interview.settle({
    given,
    text: "Address of the Proxy or the Auth Service, as host:port",
    // Mostly a cluster is named after the address of its Proxy.
    ...clusterName.includes(".") ? { fallback: `${clusterName}:443` } : {},
    async check(addr) {
      const { values, problems } = draftAnswers(
        { addr, identityPath: path },
        "",
      );
      const problem = problems.inOrder.find(({ severity }) =>
        severity === "fault"
      );
      if (problem !== undefined) {
        return unfit("configuration.problem", "address", problem);
      }
      const { findings } = await examineTeleport(
        { findings: [], values, credentials },
        interview.startCheck(),
      );
      const isReached = findings.some(({ id }) => id === "teleport.version");
      return { value: isReached ? addr : undefined, findings };
    },
  });
}
