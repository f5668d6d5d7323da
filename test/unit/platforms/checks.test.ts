import { expect } from 'chai';
import { UserError, type Problem } from '../../../src/errors.ts';
import type { Environment } from '../../../src/model/environment.ts';
import { doks } from '../../../src/platforms/doks/platform.ts';
import { REGIONS, SIZES, VERSIONS } from '../../../src/platforms/doks/offering.ts';
import { regions, resolveVersion, sizes } from '../../../src/sandbox/digitalocean/catalogue.ts';
import { blueprintOf } from '../../support/example.ts';

async function problemsOf(text: string): Promise<readonly Problem[]> {
  const error: unknown = await blueprintOf(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`not refused: ${text}`);
  return error.problems;
}

const DOKS = 'platform: doks\nrootDomain: example.com\ntls: { email: ops@example.com }\n';
const LOCAL = 'platform: local\nrootDomain: example.kube\n';

const refused: [string, string, RegExp, number][] = [
  ['a region that does not exist', `${DOKS}cluster: { region: mars1 }\n`, /region/, 4],
  ['a size that does not exist', `${DOKS}cluster: { systemPool: { size: huge, count: 1 } }\n`, /size/, 4],
  ['a version that is not offered', `${DOKS}cluster: { version: "1.20" }\n`, /Kubernetes `1\.20`/, 4],
  ['a patch of a version that is not offered', `${DOKS}cluster: { version: 1.20.1-do.0 }\n`, /1\.20\.1-do\.0/, 4],
  [
    'a pool with the name of the system’s',
    `${DOKS}cluster: { nodePools: [{ name: system, size: s-2vcpu-4gb, count: 1 }] }\n`,
    /system/,
    4,
  ],
  ['certificates without an address', 'platform: doks\nrootDomain: example.com\n', /Let's Encrypt/, 1],
  ['nginx', `${DOKS}ingress: { controller: nginx }\n`, /nginx/, 4],
  ['a context', `${DOKS}cluster: { context: minikube }\n`, /context/, 4],
  ['a bucket twice', `${DOKS}objectStorage: { buckets: [media, media] }\n`, /twice/, 4],
  ['the bucket of backups', `${DOKS}objectStorage: { buckets: [fullfrontend-prod-backups] }\n`, /backups/, 4],
  [
    'a mail server twice',
    `${DOKS}mail: { mx: [{ host: mx.example.com, priority: 1 }, { host: mx.example.com, priority: 2 }] }\n`,
    /twice/,
    4,
  ],
  ['mail records without a zone', `${DOKS}dns: { provider: none }\nmail: { spf: "v=spf1 -all" }\n`, /Mail records/, 5],
  [
    'a DKIM selector twice',
    `${DOKS}mail: { dkim: [{ selector: a, publicKey: x }, { selector: a, publicKey: y }] }\n`,
    /twice/,
    4,
  ],
  [
    'a record longer than DigitalOcean takes',
    `${DOKS}mail: { spf: "v=spf1 ${'ip4:192.0.2.1 '.repeat(40)}-all" }\n`,
    /characters/,
    4,
  ],
  [
    'taints on every pool',
    `${DOKS}cluster: { nodePools: [{ name: data, size: s-2vcpu-4gb, count: 1, taints: [{ key: a, effect: NoSchedule }] }] }\n`,
    /tainted/,
    4,
  ],
  ['a region, locally', `${LOCAL}cluster: { region: ams3 }\n`, /region/, 3],
  ['certificates, locally', `${LOCAL}tls: { issuer: letsencrypt, email: a@example.com }\n`, /Let's Encrypt/, 3],
  ['DNS, locally', `${LOCAL}dns: { provider: digitalocean }\n`, /hosts/, 3],
  ['a server for backups, in the cloud', `${DOKS}backups: { server: minio }\n`, /backups\.server/, 4],
  ['shared state, locally', `${LOCAL}state: { backend: spaces }\n`, /state/, 3],
  ['buckets, locally', `${LOCAL}objectStorage: { buckets: [a-bucket] }\n`, /object storage/, 3],
  ['mail, locally', `${LOCAL}mail: { spf: "v=spf1 -all" }\n`, /mail/, 3],
  ['a firewall without Traefik', `${LOCAL}cluster: { context: minikube }\ningress: { waf: block }\n`, /Traefik/, 4],
];

describe('platforms refuse', () => {
  for (const [name, text, message, line] of refused) {
    it(name, async () => {
      const problems = await problemsOf(text);
      const found = problems.find((problem) => message.test(problem.message));
      expect(found, JSON.stringify(problems)).not.to.equal(undefined);
      expect(found?.at?.line).to.equal(line);
      expect(found?.hints?.length).to.be.greaterThan(0);
      for (const hint of found?.hints ?? []) expect(hint).to.match(/^[A-Z`].*[.?]$/);
    });
  }
});

describe('platforms accept', () => {
  it('taints on some pools, soft ones, and a system pool that is meant to carry everything', async () => {
    const pool = (name: string, effect?: string) =>
      `{ name: ${name}, size: s-2vcpu-4gb, count: 1${effect === undefined ? '' : `, taints: [{ key: a, effect: ${effect} }]`} }`;
    for (const cluster of [
      `{ nodePools: [${pool('one')}, ${pool('two', 'NoExecute')}] }`,
      `{ nodePools: [${pool('one', 'PreferNoSchedule')}] }`,
      `{ systemPool: { size: s-4vcpu-8gb, count: 3 }, nodePools: [${pool('one', 'NoSchedule')}] }`,
    ])
      expect((await blueprintOf(`${DOKS}cluster: ${cluster}\n`)).platform, cluster).to.equal('doks');
  });
});

describe('names of buckets', () => {
  it('are refused when they get too long', () => {
    const context = { workspace: 'w'.repeat(32), environment: 'e'.repeat(32) };
    const environment = doks.defaults({ platform: 'doks', rootDomain: 'example.com' }, context) as Environment;
    const found = doks.check({ ...environment, tls: { issuer: 'none' } }, context);
    expect(found.map(({ path }) => path)).to.deep.equal(['backups.enabled', 'state.bucket']);
    expect(found[0]?.message).to.include('73 characters');
  });
});

describe('what DigitalOcean offers', () => {
  it('can be had in the sandbox', () => {
    const known = { regions: regions.map(({ slug }) => slug), sizes: sizes.map(({ slug }) => slug) };
    expect(known.regions).to.include.members([...REGIONS]);
    expect(known.sizes).to.include.members([...SIZES]);
    for (const version of VERSIONS) expect(resolveVersion(version), version).not.to.equal(undefined);
  });
});
