import { z } from 'zod';
import { Reconciler } from '../kubernetes/reconciler.ts';
import type { Controller, Deployment, Ingress, Scene } from './controller.ts';
import { environmentOf, isAtWork } from './pods-of.ts';

/** Where zones are, and who is told when one changed. */
export interface DnsCloud {
  /** DIGITALOCEAN_API_URL */
  readonly url: string;
  onChange(listener: () => void): () => void;
}

export interface DnsSettings {
  readonly owner: string;
  readonly txtPrefix: string;
  readonly domains: readonly string[];
  /** With `sync`, records go when their ingress does. */
  readonly removes: boolean;
}

const zoneRecord = z.object({ id: z.number(), type: z.string(), name: z.string(), data: z.string() });
export type ZoneRecord = z.infer<typeof zoneRecord>;
export type WantedRecord = Omit<ZoneRecord, 'id'>;
interface NewRecord extends WantedRecord {
  readonly ttl: number;
}

const DEFAULT_TTL_SECONDS = 300;
const TTL_ANNOTATION = 'external-dns.alpha.kubernetes.io/ttl';
const NAME_LABEL = 'app.kubernetes.io/name';
const EXTERNAL_DNS = 'external-dns';
const TOKEN_VARIABLE = 'DO_TOKEN';

/**
 * Plays external-dns: hosts of Ingresses become A records, each with the TXT record that says who owns it, through the
 * same API and with the token that the release carries. Records without such a note are left alone.
 */
export function startDnsRecords(scene: Scene, cloud: DnsCloud): Controller {
  const { watched, report } = scene;
  const reconciler = new Reconciler(async (key) => {
    const deployment = watched.deployments.get(key);
    const container = deployment?.spec.template.spec.containers.find(({ name }) => name === EXTERNAL_DNS);
    if (!isAtWork(deployment) || container === undefined) return;
    const settings = settingsOf(container.args ?? []);
    const env = await environmentOf(scene, deployment.metadata.namespace ?? '', container);
    const zones = zonesOf(cloud.url, env[TOKEN_VARIABLE] ?? '');
    for (const domain of settings.domains) {
      const present = await zones.records(domain);
      if (present === undefined) continue;
      const changes = compareRecords(present, wantedRecords(watched.ingresses.all(), domain, settings), settings);
      for (const record of changes.remove) await zones.remove(domain, record.id);
      for (const record of changes.create) await zones.create(domain, record);
    }
  }, report);

  const all = (): void => watched.deployments.all().filter(isExternalDns).forEach(enqueue);
  const enqueue = ({ metadata }: Deployment): void =>
    reconciler.enqueue(`${metadata.namespace ?? ''}/${metadata.name}`);
  const stops = [
    watched.deployments.onChange((_key, deployment) => {
      if (deployment !== undefined && isExternalDns(deployment)) enqueue(deployment);
    }),
    watched.ingresses.onChange(all),
    cloud.onChange(all),
  ];
  return {
    stop() {
      for (const stop of stops) stop();
      reconciler.stop();
    },
  };
}

function isExternalDns({ metadata }: Deployment): boolean {
  return metadata.labels?.[NAME_LABEL] === EXTERNAL_DNS;
}

export function settingsOf(args: readonly string[]): DnsSettings {
  const values = (flag: string): readonly string[] =>
    args.filter((arg) => arg.startsWith(`--${flag}=`)).map((arg) => arg.slice(flag.length + 3));
  return {
    owner: values('txt-owner-id')[0] ?? 'default',
    txtPrefix: values('txt-prefix')[0] ?? '',
    domains: values('domain-filter'),
    removes: values('policy')[0] !== 'upsert-only',
  };
}

/** Names are relative to the domain, `@` for the domain itself, as the API has them. */
export function wantedRecords(
  ingresses: readonly Ingress[],
  domain: string,
  settings: DnsSettings,
): readonly NewRecord[] {
  return ingresses.flatMap((ingress) => {
    const addresses = (ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
    const hosts = (ingress.spec.rules ?? []).flatMap(({ host }) =>
      host === undefined || !isInside(host, domain) ? [] : [host],
    );
    if (addresses.length === 0) return [];
    const { namespace, name, annotations } = ingress.metadata;
    const ttl = Number(annotations?.[TTL_ANNOTATION] ?? DEFAULT_TTL_SECONDS);
    const note = `heritage=external-dns,external-dns/owner=${settings.owner},external-dns/resource=ingress/${namespace ?? ''}/${name}`;
    return [...new Set(hosts)].flatMap((host) => [
      ...addresses.map((data) => ({ type: 'A', name: relative(host, domain), data, ttl })),
      { type: 'TXT', name: relative(noteName(host, settings), domain), data: `"${note}"`, ttl },
    ]);
  });
}

/** Only what this owner noted as its own is touched; a name that somebody else holds stays theirs. */
export function compareRecords(
  present: readonly ZoneRecord[],
  wanted: readonly NewRecord[],
  settings: DnsSettings,
): { readonly create: readonly NewRecord[]; readonly remove: readonly ZoneRecord[] } {
  const notes = present.filter(
    ({ type, data }) => type === 'TXT' && data.includes(`external-dns/owner=${settings.owner},`),
  );
  const owned = present.filter(
    (record) =>
      notes.includes(record) ||
      (record.type === 'A' && notes.some(({ name }) => name === notePrefix(record.name, settings))),
  );
  const foreign = new Set(
    present.filter((record) => record.type === 'A' && !owned.includes(record)).map(({ name }) => name),
  );
  const free = (record: WantedRecord): boolean =>
    ![...foreign].some((name) => record.name === name || record.name === notePrefix(name, settings));
  return {
    create: wanted.filter((record) => free(record) && !owned.some((one) => isSame(one, record))),
    remove: settings.removes ? owned.filter((record) => !wanted.some((one) => isSame(one, record))) : [],
  };
}

function isSame(a: WantedRecord, b: WantedRecord): boolean {
  const unquoted = (text: string): string => text.replaceAll('"', '');
  return a.type === b.type && a.name === b.name && unquoted(a.data) === unquoted(b.data);
}

/** Where the note on a host's A record stands. */
function noteName(host: string, { txtPrefix }: DnsSettings): string {
  return txtPrefix.includes('%{record_type}')
    ? txtPrefix.replaceAll('%{record_type}', 'a') + host
    : `${txtPrefix}a-${host}`;
}

/** The same for names relative to the domain. */
function notePrefix(name: string, settings: DnsSettings): string {
  return noteName(name === '@' ? '' : name, settings).replace(/\.$/, '');
}

function relative(host: string, domain: string): string {
  return host === domain ? '@' : host.slice(0, -domain.length - 1);
}

function isInside(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

interface Zones {
  /** Undefined when there is no such domain. */
  records(domain: string): Promise<readonly ZoneRecord[] | undefined>;
  create(domain: string, record: NewRecord): Promise<void>;
  remove(domain: string, id: number): Promise<void>;
}

function zonesOf(url: string, token: string): Zones {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${url}/v2/domains/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok || response.status === 404) return response;
    throw new Error(`external-dns: ${method} ${path} answers ${String(response.status)}`);
  };
  return {
    async records(domain) {
      const response = await ask('GET', `${domain}/records?per_page=200`);
      if (response.status === 404) return undefined;
      return z.object({ domain_records: z.array(zoneRecord) }).parse(await response.json()).domain_records;
    },
    async create(domain, record) {
      await ask('POST', `${domain}/records`, record);
    },
    async remove(domain, id) {
      await ask('DELETE', `${domain}/records/${String(id)}`);
    },
  };
}
