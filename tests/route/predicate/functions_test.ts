/** Each operator, function and method; what it refuses is in errors_test.ts. */

import assert from "node:assert/strict";
import {
  explain,
  parseCondition,
} from "../../../src/route/predicate/condition.ts";
import { INPUT, judge } from "./judge.ts";

const permissions = "none";
const CREATED = "access_request.spec.creation_time";
const EXPIRY = "access_request.spec.expiry";
const UNION = "access_request.spec.resource_labels_union";
const INTERSECTION = "access_request.spec.resource_labels_intersection";

function testTable(name: string, rows: Record<string, boolean>): void {
  Deno.test(name, { permissions }, () => {
    const wrong = Object.entries(rows)
      .map(([text, expected]) => ({
        text,
        expected,
        found: judge(text, INPUT),
      }))
      .filter(({ expected, found }) => expected !== found);
    assert.deepEqual(wrong, []);
  });
}

testTable("operators", {
  "true && true": true,
  "true && false": false,
  "false || true": true,
  "false || false": false,
  "!false": true,
  "!!true": true,
  "false && false || true": true,
  "true || false && false": true,
  "(true || false) && false": false,
  '!("a" == "b")': true,
  '"a" == "a"': true,
  '"a" == "b"': false,
  '"a" != "b"': true,
  "1 == 1": true,
  "1 != 1": false,
  "9007199254740993 == 9007199254740992": false,
  // What decides is not asked twice.
  'true || choose() == "a"': true,
  'false && choose() == "a"': false,
});

testTable("text and comments", {
  '"tab\\there" == `tab\there`': true,
  '"\\x41\\102\\u0043\\U00000044" == "ABCD"': true,
  '"\\303\\251" == "é"': true,
  "`a\\n` == `a\n`": false,
  '`a\r\nb` == "a\\nb"': true,
  '"\\"" == `"`': true,
  "true // && false": true,
  "/* false && */ true": true,
  "true &&\n\ttrue\n": true,
});

testTable("inputs", {
  'access_request.spec.roles.contains("dev")': true,
  'access_request.spec.suggested_reviewers.contains("rita")': true,
  'access_request.spec.system_annotations["service"].contains("on-call")': true,
  "access_request.spec.system_annotations.nope.isempty()": true,
  'access_request.spec.user == "alice"': true,
  'access_request.spec.request_reason == "fix prod"': true,
  [`${CREATED}.before(${EXPIRY})`]: true,
  'user.traits["team"].contains("Red")': true,
  "user.traits.team.isempty()": false,
  'user.traits["nope"].isempty()': true,
  'user.traits["__proto__"].isempty()': true,
  // prod on both; team differs; tier is on one.
  [`${UNION}["env"].contains("prod")`]: true,
  [`${UNION}["team"].contains_all(set("blue", "red"))`]: true,
  [`${UNION}.tier.contains("1")`]: true,
  [`${UNION}["nope"].isempty()`]: true,
  [`${INTERSECTION}["env"].contains("prod")`]: true,
  [`${INTERSECTION}["team"].isempty()`]: true,
  [`${INTERSECTION}.tier.isempty()`]: true,
});

testTable("sets", {
  'set("a", "b", "a").contains_all(set("b", "a"))': true,
  'set().contains("a")': false,
  "union().isempty()": true,
  'union(set("a"), set("b")).contains_all(set("a", "b"))': true,
  'contains_any(set("a", "b"), set("b", "c"))': true,
  'contains_any(set("a"), set("b"))': false,
  'contains_any(set("a"), set())': false,
  'contains_all(set("a", "b"), set("b"))': true,
  'contains_all(set("a"), set("a", "b"))': false,
  'contains_all(set("a"), set())': false,
  "is_empty(set())": true,
  'is_empty(set(""))': false,
  "set().isempty()": true,
  'set("a").isempty()': false,
  'set("a").contains("a")': true,
  'set("a").contains("A")': false,
  'set("a").contains_any(set("a", "b"))': true,
  'set("a").contains_any(set("b"))': false,
  'set("a", "b").contains_all(set("a"))': true,
  'set("a").contains_all(set("a", "b"))': false,
  'set("a").contains_all(set())': false,
  'set("a").add("b", "c").contains_all(set("a", "b", "c"))': true,
  'set("a").add().contains("a")': true,
  'set("a", "b", "c").remove("a", "b").contains("a")': false,
  'set("a", "b", "c").remove("a", "b").contains("c")': true,
  // A method leaves the set that it is called on as it was.
  'access_request.spec.roles.remove("dev").contains("dev") || access_request.spec.roles.contains("dev")':
    true,
  'access_request.spec.roles.add("x").isempty() || access_request.spec.roles.contains("x")':
    false,
});

testTable("choices", {
  'ifelse(true, "a", "b") == "a"': true,
  'ifelse(false, "a", "b") == "a"': false,
  "ifelse(true, 1, 2) == 1": true,
  "ifelse(true, true, false)": true,
  'ifelse(1 == 1, set("a"), set()).contains("a")': true,
  'choose(option(false, "a"), option(true, "b"), option(true, "c")) == "b"':
    true,
  'choose(option(true, set("a"))).contains("a")': true,
  "choose(option(true, false))": false,
  // What is no bool does not match.
  'set("a")': false,
  "1": false,
  '"true"': false,
  "user.traits": false,
  "ifelse(true, 1, 2)": false,
  "option(true, true)": false,
});

testTable("texts", {
  'strings.upper("aß🦆é") == "Aß🦆É"': true,
  'strings.lower("AİΑΣ") == "aiας"': false,
  'strings.lower("AİΑΣ") == "aiασ"': true,
  'strings.lower(user.traits["team"]).contains_all(set("blue", "red"))': true,
  'strings.upper(set("a", "A")).contains("A")': true,
  'strings.replaceall("a.b.c", ".", "$&") == "a$&b$&c"': true,
  'strings.replaceall(set("ab", "b"), "b", "").contains_all(set("a", ""))':
    true,
  'strings.split(set("a,b", "c"), ",").contains_all(set("a", "b", "c"))': true,
  'strings.split(set("🦆a"), "").contains("🦆")': true,
  'email.local(set("ann@b.c", "Bo <bo@b.c>")).contains_all(set("ann", "bo"))':
    true,
  'email.local(set("a.b+c@d.e")).contains("a.b+c")': true,
});

testTable("regexp.match()", {
  // Anchored at both ends: a regular expression of Go.
  'regexp.match(set("ops", "dev-1"), "^dev-[0-9]+$")': true,
  'regexp.match(set("dev-x"), "^dev-[0-9]+$")': false,
  'regexp.match(set("xdev-1x"), "^dev-[0-9]+$")': false,
  'regexp.match(set("DEV"), "^(?i)dev$")': true,
  'regexp.match(set("한글"), "^\\\\p{Hangul}+$")': true,
  'regexp.match(set(), "^.*$")': false,
  'regexp.match(set(""), "^$")': true,
  // Everything else: a glob.
  'regexp.match(set("dev"), "dev")': true,
  'regexp.match(set("devs"), "dev")': false,
  'regexp.match(set("dev-1"), "dev-*")': true,
  'regexp.match(set("dev-"), "dev-*")': true,
  'regexp.match(set("a-dev"), "dev*")': false,
  'regexp.match(set("prod-db-eu-1"), "*-db-*-1")': true,
  'regexp.match(set("prod-db-1"), "*-db-*-1")': false,
  'regexp.match(set("aba"), "ab*ba")': false,
  'regexp.match(set("abba"), "ab*ba")': true,
  'regexp.match(set("a.b"), "a.b")': true,
  'regexp.match(set("axb"), "a.b")': false,
  'regexp.match(set("^x"), "^*")': true,
  'regexp.match(set("x"), "*")': true,
  'regexp.match(set(""), "*")': true,
  'regexp.match(set(""), "")': true,
  'regexp.match(set("a"), "")': false,
  'regexp.match(set("a\\nb"), "*")': false,
  'regexp.match(set("a\\nb"), "a*\\n*")': true,
  'regexp.match(set("x"), ifelse(true, "^x$", ""))': true,
});

testTable("regexp.replace()", {
  'regexp.replace(set("dev-1", "ops"), "^dev-(.*)$", "$1").contains("1")': true,
  'regexp.replace(set("dev-1", "ops"), "^dev-(.*)$", "$1").contains("ops")':
    false,
  'regexp.replace(set("baac"), "a*", "x").contains("xbxcx")': true,
  'regexp.replace(set("🦆"), "", "-").contains("-🦆-")': true,
  'regexp.replace(set("a1"), "(?P<n>[0-9])", "${n}$$$0$none").contains("a1$1")':
    true,
  'regexp.replace(set("a"), "a", "").isempty()': true,
  'regexp.replace(set("a.b"), strings.lower("\\\\."), "-").contains("a-b")':
    true,
});

Deno.test("dicts", { permissions }, () => {
  // Nothing of a dict that a function returns can be asked for, but it can be shown.
  const rows: Record<string, string> = {
    "dict()": "dict()",
    'dict(pair("a", set("x")), pair("b", set()), pair("a", set("y")))':
      'dict(pair("a", set("y")), pair("b", set()))',
    'dict(pair("a", set("x"))).put("a", set("y")).put("b", set())':
      'dict(pair("a", set("y")), pair("b", set()))',
    'dict(pair("a", set("x"))).add_values("a", "y").add_values("b", "z")':
      'dict(pair("a", set("x", "y")), pair("b", set("z")))',
    'dict(pair("a", set("x")), pair("b", set())).remove("a", "c")':
      'dict(pair("b", set()))',
    "user.traits": 'dict(pair("team", set("blue", "Red")))',
    // A method leaves the dict that it is called on as it was.
    'pair(user.traits.put("team", set()).remove("team"), user.traits)':
      'pair(dict(), dict(pair("team", set("blue", "Red"))))',
    'pair(user.traits.add_values("team", "x").remove("y"), user.traits.team)':
      'pair(dict(pair("team", set("blue", "Red", "x"))), set("blue", "Red"))',
  };
  for (const [text, expected] of Object.entries(rows)) {
    assert.equal(explain(parseCondition(text), INPUT).value, expected);
  }
});

testTable("times", {
  [`before(${CREATED}, ${EXPIRY})`]: true,
  [`before(${EXPIRY}, ${CREATED})`]: false,
  [`before(${CREATED}, ${CREATED})`]: false,
  [`after(${EXPIRY}, ${CREATED})`]: true,
  [`after(${CREATED}, ${EXPIRY})`]: false,
  [`${CREATED}.after(time.RFC3339("2026-03-09T14:29:59.999Z"))`]: true,
  [`${CREATED}.after(time.RFC3339("2026-03-09T23:30:00+09:00"))`]: false,
  [`${CREATED}.before(time.RFC3339("2026-03-09T23:30:01+09:00"))`]: true,
  [`${CREATED}.before(time.RFC3339("2026-03-09T07:30:00,001-07:00"))`]: true,
  [`between(${CREATED}, time.RFC3339("2026-03-09T14:00:00Z"), ${EXPIRY})`]:
    true,
  [`between(${CREATED}, ${EXPIRY}, time.RFC3339("2026-03-09T14:00:00Z"))`]:
    true,
  [`between(${CREATED}, ${CREATED}, ${EXPIRY})`]: false,
  [`${EXPIRY}.between(${CREATED}, ${EXPIRY})`]: false,
  [`${CREATED}.between(time.RFC3339("0000-01-01T00:00:00Z"), time.RFC3339("9999-12-31T23:59:59Z"))`]:
    true,
  'time.RFC3339("0099-12-31T00:00:00Z").before(time.RFC3339("0100-01-01T00:00:00Z"))':
    true,
});

testTable("versions", {
  'newer_than("18.0.1", "18.0.0")': true,
  'newer_than("18.0.0", "18.0.0")': false,
  'newer_than("18.10.0", "18.9.0")': true,
  'newer_than("v18.0.0", "17.9.9")': true,
  'older_than("18.0.0", "18.0.1")': true,
  'older_than("18.0.0", "18.0.0")': false,
  'older_than("18.0.0-rc.1", "18.0.0")': true,
  'older_than("1.0.0-alpha", "1.0.0-alpha.1")': true,
  'older_than("1.0.0-alpha.1", "1.0.0-alpha.beta")': true,
  'older_than("1.0.0-beta.2", "1.0.0-beta.11")': true,
  'older_than("1.0.0-beta.11", "1.0.0-rc.1")': true,
  'newer_than("1.0.0+b", "1.0.0+a")': false,
  'between("18.0.0", "18.0.0", "19.0.0")': true,
  'between("18.5.0", "18.0.0", "19.0.0")': true,
  'between("19.0.0", "18.0.0", "19.0.0")': false,
  'between("18.5.0", "19.0.0", "18.0.0")': false,
});
