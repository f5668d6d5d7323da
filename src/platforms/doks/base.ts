/** The stack that outlives clusters: project, domain, mail records and buckets. */
import type { Json, JsonObject, Stack, StackResource } from '../../model/blueprint.ts';
import { label } from '../../model/addresses.ts';
import { dkimRecord } from '../../model/dkim.ts';
import type { BucketWant, FoundationRequest } from '../../model/plugs.ts';
import { madeDkimKey, madeDkimKeys } from './dkim-keys.ts';
import { projectName, projectPurpose, recordName } from './names.ts';
import { API_CREDENTIALS, SPACES_CREDENTIALS } from './secrets.ts';

export const BASE = 'base';

export function base(request: FoundationRequest, region: string): Stack {
  const { environment, context } = request;
  const buckets = request.buckets.map((bucket) => ({ ...bucket, label: label(bucket.name) }));
  const isOwn = (name: string): boolean => environment.objectStorage.buckets.includes(name);
  const records = mailRecords(request);
  const made = madeDkimKeys(environment);
  return {
    kind: 'tofu',
    name: BASE,
    title: 'project, domain, mail records and buckets',
    dependsOn: [],
    template: 'base',
    context: {
      project: {
        name: projectName(context),
        description: `${environment.rootDomain}, environment ${context.environment}`,
        environment: projectPurpose(context.environment),
      },
      domain: environment.rootDomain,
      ttl: environment.dns.ttl,
      zone: hasZone(request),
      mx: environment.mail?.mx.map(({ host, priority }) => ({ host: `${host}.`, priority })) ?? [],
      spf: environment.mail?.spf ?? null,
      dkim:
        environment.mail?.dkim.map(({ selector, publicKey }) => ({
          name: dkimName(selector),
          ...(publicKey === undefined
            ? { value: null, key: `var.${madeDkimKey(selector).variable}` }
            : { value: dkimRecord(publicKey) }),
        })) ?? [],
      dmarc: environment.mail?.dmarc ?? null,
      region,
      buckets: buckets.map(bucketContext),
    },
    providers: ['digitalocean'],
    variables: made.map(({ variable, selector }) => ({
      name: variable,
      type: 'string',
      description: `Public half of the key for the DKIM selector ${selector}, in base64.`,
    })),
    outputs: [
      {
        name: 'project_id',
        description: 'The project in the control panel.',
        expression: 'digitalocean_project.main.id',
      },
      ...(hasZone(request)
        ? [
            {
              name: 'domain',
              description: 'The zone that records live in.',
              expression: 'digitalocean_domain.root.name',
            },
          ]
        : []),
    ],
    resources: [
      {
        address: 'digitalocean_project.main',
        type: 'digitalocean_project',
        title: `project ${projectName(context)}`,
        origin: request.origins.of('platform'),
        adoption: { by: 'name', name: projectName(context) },
      },
      ...zone(request),
      ...records,
      ...buckets.map((bucket): StackResource => ({
        address: `digitalocean_spaces_bucket.${bucket.label}`,
        type: 'digitalocean_spaces_bucket',
        title: `bucket ${bucket.name}`,
        origin: bucket.origin,
        holdsData: {
          name: bucket.name,
          what: `the bucket of ${bucket.purpose}`,
          ...(!isOwn(bucket.name) && { keep: 'To keep it as your own: list it under `objectStorage.buckets`.' }),
        },
        adoption: { by: 'name', name: bucket.name },
      })),
      {
        address: 'digitalocean_project_resources.main',
        type: 'digitalocean_project_resources',
        title: 'what the project groups',
        origin: request.origins.of('platform'),
      },
    ],
    releases: [],
    credentials: {
      ...API_CREDENTIALS,
      ...SPACES_CREDENTIALS,
      ...Object.fromEntries(made.map(({ variable, publicKey }) => [`TF_VAR_${variable}`, publicKey.name])),
    },
    needsCluster: false,
    keptByDestroy: true,
  };
}

export function hasZone({ environment }: Pick<FoundationRequest, 'environment'>): boolean {
  return environment.dns.provider === 'digitalocean';
}

function zone(request: FoundationRequest): StackResource[] {
  if (!hasZone(request)) return [];
  const domain = request.environment.rootDomain;
  return [
    {
      address: 'digitalocean_domain.root',
      type: 'digitalocean_domain',
      title: `domain ${domain}`,
      origin: request.origins.of('rootDomain'),
      holdsData: { name: domain, what: 'every DNS record of the domain' },
      adoption: { by: 'name', name: domain },
    },
  ];
}

/** One for each record: what an interrupted run has made is found again by what the record says. */
function mailRecords(request: FoundationRequest): StackResource[] {
  const { environment, origins } = request;
  const { mail } = environment;
  if (!hasZone(request) || mail === undefined) return [];
  const record = (address: string, option: string, title: string, name: string | undefined): StackResource => ({
    address: `digitalocean_record.${address}`,
    type: 'digitalocean_record',
    title,
    origin: origins.of(`mail.${option}`),
    ...(name === undefined ? {} : { adoption: { by: 'name', name } }),
  });
  const text = (key: 'spf' | 'dmarc', title: string, name: string): StackResource[] => {
    const value = mail[key];
    return value === undefined ? [] : [record(key, key, title, recordName('TXT', name, value))];
  };
  return [
    ...mail.mx.map(({ host }, index) =>
      record(`mx[${JSON.stringify(`${host}.`)}]`, `mx[${index}]`, `mail server ${host}`, recordName('MX', '@', host)),
    ),
    ...text('spf', 'who may send mail (SPF)', '@'),
    ...mail.dkim.map(({ selector, publicKey }, index) => {
      const name = dkimName(selector);
      const address = `dkim[${JSON.stringify(name)}]`;
      const title = `mail signatures of ${selector} (DKIM)`;
      // What it says of a key that ffops made is known when the secrets are open: nobody else can have written it.
      const says = publicKey === undefined ? undefined : recordName('TXT', name, dkimRecord(publicKey));
      return record(address, `dkim[${index}]`, title, says);
    }),
    ...text('dmarc', 'what becomes of forged mail (DMARC)', '_dmarc'),
  ];
}

function dkimName(selector: string): string {
  return `${selector}._domainkey`;
}

function bucketContext(bucket: BucketWant & { readonly label: string }): JsonObject {
  const keepVersionsDays: Json = bucket.keepVersionsDays ?? null;
  return {
    name: bucket.name,
    label: bucket.label,
    purpose: bucket.purpose,
    option: bucket.origin.path,
    keepVersionsDays,
  };
}
