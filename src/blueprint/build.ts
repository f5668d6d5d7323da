/** Environment in, blueprint out: pure, and in time that grows with the number of apps. */
import { CHARTS_VARIABLE, releaseAddress } from '../model/addresses.ts';
import type {
  App,
  Blueprint,
  KubernetesSecret,
  Namespace,
  Release,
  SecretWant,
  Stack,
  StackResource,
  StackVariable,
} from '../model/blueprint.ts';
import type { Environment } from '../model/environment.ts';
import type { Origin, Origins } from '../model/origin.ts';
import type {
  AppEntry,
  Catalogue,
  CatalogueEntry,
  Contribution,
  EntryRequest,
  Foundation,
  Home,
  Needs,
} from '../model/plugs.ts';
import type { EnvironmentContext } from '../model/registry.ts';
import { versionIn } from '../model/app-version.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import { urlOf } from '../model/url.ts';

const STATE_PASSPHRASE_WANT: SecretWant = {
  name: STATE_PASSPHRASE,
  description: 'Encrypts the state and the plans of OpenTofu. Without it the state cannot be read.',
  supply: { kind: 'generated', length: 40, alphabet: 'alphanumeric' },
  neverRotates: 'the state and the plans that are there could not be read any more',
};

const TITLES: Readonly<Record<Exclude<Home, 'app'>, string>> = {
  infra: 'ingress, certificates, DNS records and backups',
  data: 'databases',
  metrics: 'measurements, dashboards and alerts',
};

/** The order in which the stacks of releases stand on each other; apps come last. */
const SHARED_HOMES = ['infra', 'data', 'metrics'] as const;

/** An entry of this environment with what it brings. */
interface Installed {
  readonly entry: CatalogueEntry;
  readonly stack: string;
  readonly namespace: string;
  readonly origin: Origin;
  readonly brings: Contribution;
}

/** Throws when the environment names a platform or an app that the catalogue lacks: loading refuses those first. */
export function buildBlueprint(
  environment: Environment,
  origins: Origins,
  catalogue: Catalogue,
  context: EnvironmentContext,
): Blueprint {
  const platform = found(catalogue.platforms, environment.platform);
  const installed = install(environment, origins, catalogue, context);
  const foundation = platform.foundation({
    environment,
    origins,
    context,
    buckets: installed.flatMap(({ brings }) => brings.buckets ?? []),
  });
  const stacks = releaseStacks(installed, foundation);
  const namespaces = namespacesOf(installed, origins);
  const storage = installed.find(({ brings }) => brings.backupStorage !== undefined)?.brings.backupStorage;
  return {
    workspace: context.workspace,
    environment: context.environment,
    platform: platform.id,
    rootDomain: environment.rootDomain,
    ...(foundation.cluster === undefined ? {} : { cluster: foundation.cluster }),
    ...(foundation.zone === undefined ? {} : { zone: foundation.zone }),
    state: foundation.state,
    stacks: [...foundation.stacks, ...stacks],
    apps: installed.flatMap(({ entry, stack, origin }) =>
      entry.kind === 'app' ? [appOf(entry, environment, stack, origin)] : [],
    ),
    namespaces,
    hosts: installed
      .flatMap(({ brings }) => brings.hosts ?? [])
      .map((host) => ({ ...host, url: urlOf(environment, host.name) })),
    databases: installed.flatMap(({ brings }) => brings.databases ?? []),
    provisioners: installed.flatMap(({ brings }) => brings.provisioners ?? []),
    secrets: onceEach([
      STATE_PASSPHRASE_WANT,
      ...foundation.secrets,
      ...installed.flatMap(({ brings }) => brings.secrets ?? []),
    ]),
    kubernetesSecrets: installed.flatMap(({ brings }): readonly KubernetesSecret[] => brings.kubernetesSecrets ?? []),
    volumes: installed.flatMap(({ brings }) => brings.volumes ?? []),
    buckets: foundation.buckets,
    ...(storage === undefined ? {} : { backupStorage: storage }),
    schedules: installed.flatMap(({ brings }) => brings.schedules ?? []),
  };
}

function install(
  environment: Environment,
  origins: Origins,
  catalogue: Catalogue,
  context: EnvironmentContext,
): readonly Installed[] {
  const offer = found(catalogue.platforms, environment.platform).offer(environment);
  const place = ({ home, id }: CatalogueEntry) => ({
    environment,
    origins,
    context,
    offer,
    stack: stackOf(home, id),
    namespace: namespaceOf(home, id),
  });
  const apps = Object.keys(environment.apps).map((id) => {
    const entry = found(catalogue.entries, id);
    if (entry.kind !== 'app') throw new Error(`${id} is not an app`);
    return installed(entry, place(entry), entry.contribute(place(entry)));
  });
  const needs: Needs = {
    databases: apps.flatMap(({ brings }) => brings.databases ?? []),
    wafExclusions: apps.flatMap(({ brings }) => brings.wafExclusions ?? []),
  };
  const systems = [...catalogue.entries.values()]
    .filter((entry) => entry.kind === 'system')
    .filter((entry) => entry.wanted(environment, needs));
  // Sorted, so that the order of apps in the file changes nothing.
  const dataNamespaces = [
    ...(systems.some(({ home }) => home === 'data') ? [namespaceOf('data', '')] : []),
    ...apps.map(({ namespace }) => namespace),
  ].sort();
  return [
    ...systems.map((entry) =>
      installed(entry, place(entry), entry.contribute({ ...place(entry), needs, dataNamespaces })),
    ),
    ...apps,
  ];
}

function installed(
  entry: CatalogueEntry,
  { origins, stack, namespace }: Pick<EntryRequest, 'origins' | 'stack' | 'namespace'>,
  brings: Contribution,
): Installed {
  return { entry, stack, namespace, origin: brings.releases[0]?.origin ?? origins.of('platform'), brings };
}

function appOf(entry: AppEntry, environment: Environment, stack: string, origin: Origin): App {
  const { id, title, upgrades } = entry;
  return { id, title, stack, version: versionIn(environment, entry), ...(upgrades && { upgrades }), origin };
}

function stackOf(home: Home, id: string): string {
  return home === 'app' ? `app-${id}` : home;
}

/** People call them `apps/<id>`; Kubernetes allows no slash. */
function namespaceOf(home: Home, id: string): string {
  return home === 'app' ? `apps-${id}` : home;
}

function releaseStacks(installed: readonly Installed[], foundation: Foundation): readonly Stack[] {
  const byStack = new Map<string, Installed[]>();
  for (const one of installed) {
    const group = byStack.get(one.stack);
    if (group === undefined) byStack.set(one.stack, [one]);
    else group.push(one);
  }
  const shared = SHARED_HOMES.filter((home) => byStack.has(home));
  const apps = [...byStack.keys()].filter((name) => !shared.some((home) => home === name));
  const ground = foundation.clusterStack === undefined ? [] : [foundation.clusterStack];
  const infra = shared.filter((home) => home === 'infra');
  const data = shared.filter((home) => home === 'data');
  const standsOn = (name: string): readonly string[] => {
    const below = name === 'infra' ? [] : [...infra, ...(name.startsWith('app-') ? data : [])];
    return below.length === 0 ? ground : below;
  };
  return [...shared, ...apps].map((name) => releaseStack(name, byStack.get(name) ?? [], standsOn(name)));
}

function releaseStack(name: string, installed: readonly Installed[], dependsOn: readonly string[]): Stack {
  const releases = inOrder(installed.flatMap(({ brings }) => brings.releases));
  const variables = installed.flatMap(({ brings }): readonly StackVariable[] => brings.variables ?? []);
  const databases = installed.flatMap(({ brings }) => brings.databases ?? []);
  return {
    kind: 'tofu',
    name,
    title: name in TITLES ? TITLES[name as keyof typeof TITLES] : (installed[0]?.entry.title ?? name),
    dependsOn,
    template: 'releases',
    context: {},
    providers: ['helm'],
    variables: [
      {
        name: CHARTS_VARIABLE,
        type: 'string',
        description: 'Folder with the archives of the charts.',
        default: '../../../charts',
      },
      ...variables,
    ],
    outputs: [],
    resources: releases.map(releaseResource),
    releases,
    ...(databases.length > 0 && {
      databases: databases.map(({ engine, name: database }) => ({ engine, name: database })),
    }),
    credentials: {},
    needsCluster: true,
    keptByDestroy: false,
  };
}

/** What a release waits for counts only where it is installed in the same stack. */
function inOrder(releases: readonly Release[]): readonly Release[] {
  const names = new Set(releases.map(({ name }) => name));
  return releases.map((release) => ({ ...release, after: release.after.filter((name) => names.has(name)) }));
}

function releaseResource(release: Release): StackResource {
  return {
    address: releaseAddress(release.name),
    type: 'helm_release',
    title: `release ${release.name}`,
    origin: release.origin,
    ...(release.holdsData === undefined ? {} : { holdsData: release.holdsData }),
  };
}

function namespacesOf(installed: readonly Installed[], origins: Origins): readonly Namespace[] {
  const namespaces = new Map<string, Namespace>();
  for (const { entry, namespace, stack, origin, brings } of installed) {
    const before = namespaces.get(namespace);
    namespaces.set(namespace, {
      name: namespace,
      stack,
      labels: { ...before?.labels, ...brings.namespaceLabels },
      origin: before?.origin ?? (entry.home === 'app' ? origin : origins.of('platform')),
    });
  }
  return [...namespaces.values()];
}

/** What several want, such as the password of the mail server, is one secret. */
function onceEach(wants: readonly SecretWant[]): readonly SecretWant[] {
  return [...new Map(wants.map((want) => [want.name, want])).values()];
}

function found<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) throw new Error(`${id} is not in the catalogue`);
  return value;
}
