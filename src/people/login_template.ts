/**
 * Logins of a role that depend on who asks: `{{internal.logins}}`, `{{external["team"]}}-admin`,
 * `{{email.local(external.email)}}`.
 *
 * Source: what Teleport 18.0.0 puts into certificates for such roles.
 *
 * @module
 */

import type { Traits } from "../ports/user.ts";
import { isTemplate } from "../record/missing.ts";
import type { Expression } from "../route/predicate/syntax/expression.ts";
import { MAX_STEPS } from "../route/predicate/syntax/limits.ts";
import { parseExpression } from "../route/predicate/syntax/parser.ts";
import { PredicateError } from "../route/predicate/syntax/predicate_error.ts";
import { parseEmailLocal } from "../route/predicate/text/email_address.ts";
import type { Regexp } from "../route/predicate/text/regexp.ts";

/**
 * Returns the logins that a role allows to a user with these traits. What comes to nothing, or to what
 * cannot be a login, is left out; a template with a function that this build does not know stays as it is.
 */
export async function expandLogins(
  logins: readonly string[],
  traits: Traits,
): Promise<string[]> {
  const expanded = await Promise.all(
    logins.map((login) => isTemplate(login) ? expand(login, traits) : [login]),
  );
  return [...new Set(expanded.flat())];
}

/** One expression, with text around it in which no brace may stand. */
const TEMPLATE =
  /^(?<prefix>[^{}]*)\{\{(?<expression>[^{}]*)\}\}(?<suffix>[^{}]*)$/;

/** What Teleport takes for the name of a user of a host. */
const LOGIN = /^(?!-)[^\s\p{Cc}:/]+$/u;

const MAX_LOGIN_BYTES = 32;

/** Traits that `internal` has; `external` has all. */
const INTERNAL_TRAITS: ReadonlySet<string> = new Set([
  "aws_role_arns",
  "azure_identities",
  "db_names",
  "db_roles",
  "db_users",
  "gcp_service_accounts",
  "github_orgs",
  "kubernetes_groups",
  "kubernetes_users",
  "logins",
  "windows_logins",
]);

/** A template that comes to nothing on Teleport too. */
class BadTemplateError extends Error {}

/** A template that a newer Teleport may know. */
class UnknownFunctionError extends Error {}

async function expand(
  template: string,
  traits: Traits,
): Promise<readonly string[]> {
  const parts = TEMPLATE.exec(template)?.groups;
  if (parts === undefined) return [];
  const { prefix = "", expression = "", suffix = "" } = parts;
  try {
    const values = await evaluate(parseExpression(expression), traits);
    return values
      .filter((value) => value !== "")
      .map((value) => prefix.trimStart() + value + suffix.trimEnd())
      .filter(isLogin);
  } catch (error) {
    if (error instanceof UnknownFunctionError) return [template];
    const isBad = error instanceof BadTemplateError ||
      error instanceof PredicateError;
    if (isBad) return [];
    throw error;
  }
}

function isLogin(text: string): boolean {
  return LOGIN.test(text) &&
    new TextEncoder().encode(text).length <= MAX_LOGIN_BYTES;
}

async function evaluate(
  expression: Expression,
  traits: Traits,
): Promise<readonly string[]> {
  switch (expression.kind) {
    case "literal":
      return [textOf(expression)];
    case "path": {
      const [space, name, ...others] = expression.names;
      if (others.length > 0) throw new BadTemplateError();
      return traitOf(space?.value, name?.value, traits);
    }
    case "index": {
      const [target, key] = expression.parts;
      if (target.kind !== "path" || target.names.length !== 1) {
        throw new BadTemplateError();
      }
      return traitOf(target.names[0]?.value, textOf(key), traits);
    }
    case "call": {
      const [callee, ...args] = expression.parts;
      return await call(callee, args, traits);
    }
    default:
      throw new BadTemplateError();
  }
}

function traitOf(
  space: string | undefined,
  name: string | undefined,
  traits: Traits,
): readonly string[] {
  const isThere = space === "external" ||
    space === "internal" && INTERNAL_TRAITS.has(name ?? "");
  if (!isThere || name === undefined) throw new BadTemplateError();
  return traits.get(name) ?? [];
}

async function call(
  callee: Expression,
  args: readonly Expression[],
  traits: Traits,
): Promise<readonly string[]> {
  const name = callee.kind === "path"
    ? callee.names.map(({ value }) => value).join(".")
    : "";
  const known = FUNCTIONS.get(name);
  if (known === undefined) throw new UnknownFunctionError();
  const [source, ...texts] = args;
  if (source === undefined || texts.length !== known.texts) {
    throw new BadTemplateError();
  }
  const values = await evaluate(source, traits);
  return await known.apply(values, ...texts.map(textOf));
}

/** What a template may call, with values and so many texts. */
const FUNCTIONS: ReadonlyMap<string, {
  readonly texts: number;
  apply(
    values: readonly string[],
    ...texts: string[]
  ): readonly string[] | Promise<readonly string[]>;
}> = new Map([
  ["email.local", { texts: 0, apply: (values) => values.map(localPart) }],
  ["regexp.replace", { texts: 2, apply: replaceAll }],
]);

function textOf(expression: Expression): string {
  if (expression.kind === "literal" && typeof expression.value === "string") {
    return expression.value;
  }
  throw new BadTemplateError();
}

function localPart(address: string): string {
  const local = parseEmailLocal(address);
  if (local === undefined) throw new BadTemplateError();
  return local;
}

/** Leaves out values that do not match. */
async function replaceAll(
  values: readonly string[],
  pattern = "",
  replacement = "",
): Promise<string[]> {
  const regexp = await compile(pattern);
  let left = MAX_STEPS;
  const budget = {
    spend: (steps: number) => {
      left -= steps;
      if (left < 0) throw new BadTemplateError();
    },
  };
  return values.flatMap((value) =>
    regexp.replaceAll(value, replacement, budget) ?? []
  );
}

async function compile(pattern: string): Promise<Regexp> {
  // Only here: it is large, and few templates need it.
  const { Regexp } = await import("../route/predicate/text/regexp.ts");
  try {
    return new Regexp(pattern);
  } catch {
    throw new BadTemplateError();
  }
}
