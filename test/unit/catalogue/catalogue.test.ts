/** Adding an entry touches its folder, its template, its page and one line of the index: nothing is missing, nothing is left over. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { entries } from '../../../src/catalogue/index.ts';
import { dropDatabase } from '../../../src/model/drop-database.ts';
import { parsePath } from '../../../src/model/path.ts';
import { schemaAt } from '../../../src/model/schemas.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { blueprintOf, exampleBlueprint, exampleEnvironment, renderInputs } from '../../support/example.ts';

/** What the example has no need for: prod keeps its backups in the cloud, dev keeps none. */
const BACKED_UP = 'platform: local\nrootDomain: example.kube\nbackups: { enabled: true }\n';

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const foldersOf = (path: string): string[] =>
  readdirSync(root(path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('the catalogue', () => {
  it('lists every folder below src/catalogue, under its own name', () => {
    expect([...entries.keys()].sort()).to.deep.equal(foldersOf('src/catalogue'));
    for (const [id, entry] of entries) expect(entry.id).to.equal(id);
  });

  it('has a strict set of options for each, every one with a description and a default', () => {
    for (const { id, options } of entries.values()) {
      expect(options.safeParse({ nonsense: 1 }).success, id).to.equal(false);
      expect(options.safeParse({}).success, `${id} without options`).to.equal(true);
      for (const [name, option] of Object.entries(options.shape)) {
        expect((option as { description?: string }).description, `${id}.${name}`)
          .to.be.a('string')
          .and.not.equal('');
      }
    }
  });

  it('says of each system when it is wanted, and of no app', () => {
    for (const entry of entries.values()) expect('wanted' in entry, entry.id).to.equal(entry.kind === 'system');
  });

  it('says of each app what a list and a wizard tell: a version, options that exist, what it takes', async () => {
    const { environment } = await exampleEnvironment('prod');
    for (const entry of entries.values()) {
      if (entry.kind !== 'app') continue;
      expect(entry.summary, entry.id).to.match(/^\S.{5,70}[^.]$/);
      expect(entry.version, entry.id).to.match(/^\d+\.\d+(\.\d+)?$/);
      for (const question of entry.questions)
        expect(schemaAt(entry.options, parsePath(question)), `${entry.id}.${question}`).to.not.equal(undefined);
      const costs = entry.costs({ ...environment, apps: { [entry.id]: {} } });
      expect(costs.memoryMi, entry.id).to.be.greaterThan(0);
    }
  });

  it('has a values template for each release, and no other', async () => {
    const blueprints = [
      await exampleBlueprint('prod'),
      await exampleBlueprint('dev'),
      await blueprintOf(BACKED_UP, 'dev'),
    ];
    const used = new Set(
      blueprints.flatMap(({ stacks }) =>
        stacks.flatMap(({ releases }) => releases.flatMap(({ values }) => values ?? [])),
      ),
    );
    const { templates } = await renderInputs();
    const there = templates.paths
      .filter((path) => path.startsWith('helm-values/'))
      .map((path) => /^helm-values\/(.+)\.yaml$/.exec(path)?.[1]);
    expect([...used].sort()).to.deep.equal(there);
  });

  it('uses every chart of ours and every upstream chart that is pinned', async () => {
    const blueprints = [await exampleBlueprint('prod'), await blueprintOf(BACKED_UP, 'dev')];
    const used = blueprints
      .flatMap(({ stacks }) => stacks.flatMap(({ releases }) => releases))
      .map(({ chart }) => `${chart.kind} ${chart.name}`);
    const own = foldersOf('charts');
    const { charts } = await renderInputs();
    const all = [...charts.keys()].map((name) => (own.includes(name) ? `first-party ${name}` : `upstream ${name}`));
    expect([...new Set(used)].sort()).to.deep.equal(all.sort());
  });

  it('is shown whole by the example, so that goldens cover it', async () => {
    const { stacks } = await exampleBlueprint('prod');
    const shown = new Set(stacks.flatMap(({ releases }) => releases.map(({ entry }) => entry)));
    expect([...shown].sort()).to.deep.equal([...entries.keys()].sort());
  });

  it('says of a secret that never rotates why, so that it reads on after "because"', async () => {
    const { secrets } = await exampleBlueprint('prod');
    const reasons = secrets.flatMap(({ neverRotates }) => neverRotates ?? []);
    expect(reasons.length).to.be.greaterThan(4);
    for (const reason of reasons) expect(reason).to.match(/^[^ ].*[^.]$/);
  });

  it('hands over secrets that somebody wants; of a certificate only parts, so that its authority stays at home', async () => {
    for (const name of ['prod', 'dev'] as const) {
      const { secrets, kubernetesSecrets } = await exampleBlueprint(name);
      const wants = new Map(secrets.map((want) => [want.name, want.supply]));
      for (const { data, ...secret } of kubernetesSecrets) {
        for (const part of Object.values(data).flat()) {
          if ('text' in part) continue;
          const supply = wants.get(part.secret);
          expect(supply, `${secret.name} reads ${part.secret}`).not.to.equal(undefined);
          expect(part.part !== undefined, `${secret.name} reads ${part.secret}`).to.equal(
            supply?.kind === 'certificate',
          );
        }
      }
      for (const { name: derived, supply } of secrets)
        if (supply.kind === 'derived') expect([...wants.keys()], derived).to.include(supply.from);
    }
  });

  it('is described in docs, one line per entry', () => {
    const page = readFileSync(root('docs/catalogue.md'), 'utf8');
    const described = [...page.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].map((match) => match[1]);
    expect(described.sort()).to.deep.equal([...entries.keys()].sort());
  });

  it('runs the image that the environment names, with its digest, in the version that its tag says', async () => {
    const image = `mirror.example.com:5000/some/app:v1.2.3-alpine@sha256:${'0a'.repeat(32)}`;
    const pinnable = [...entries.values()].filter(({ options }) => 'image' in options.shape).map(({ id }) => id);
    expect(pinnable).to.have.members(['wordpress', 'n8n', 'twenty', 'analytics', 'registry']);
    const blueprint = await blueprintOf(
      `platform: local\nrootDomain: example.kube\napps:\n${pinnable.map((id) => `  ${id}: { image: "${image}" }\n`).join('')}`,
    );
    for (const { id, version, stack } of blueprint.apps) {
      expect(version, id).to.equal('1.2.3');
      const release = blueprint.stacks.find(({ name }) => name === stack)!.releases.find(({ name }) => name === id);
      const [server] = release?.context['components'] as { image: string; setUp: { image: string }[] }[];
      expect(server?.image, id).to.equal(image);
      const used = JSON.stringify(release?.context);
      if (id === 'n8n') expect(used, 'what runs code has the version of n8n').to.include('n8nio/runners:1.2.3"');
    }
  });

  it('says on the page of each app what stays of it, and what deletes that', async () => {
    const apps = ['wordpress', 'n8n: { workers: 1 }', 'twenty: { files: s3 }', 'analytics', 'registry: { files: s3 }'];
    const blueprint = await blueprintOf(
      `platform: doks\nrootDomain: example.com\ntls: { email: ops@example.com }\napps:\n${apps.map((app) => `  ${app.includes(':') ? app : `${app}: {}`}\n`).join('')}`,
    );
    const pages = readdirSync(root('docs/apps')).map((name) => name.replace(/\.md$/, ''));
    expect(pages).to.have.members(blueprint.apps.map(({ id }) => id));
    for (const { id, stack } of blueprint.apps) {
      const page = readFileSync(root(`docs/apps/${id}.md`), 'utf8');
      const removal = page.slice(page.indexOf('**Removing it.**'));
      const releases = blueprint.stacks.find(({ name }) => name === stack)!.releases;
      for (const { name, release } of blueprint.volumes.filter(({ owner }) => owner === id)) {
        const data = releases.find((one) => one.name === release)?.holdsData?.name;
        expect(removal, id).to.include(`\`${name}\``).and.include(`--stack ${stack} --allow-data-loss ${data}\``);
      }
      for (const database of blueprint.databases.filter(({ owner }) => owner === id))
        expect(removal).to.include(dropDatabase('x', database).replace(' -e x', ''));
      for (const bucket of blueprint.buckets.filter(({ name }) => name.endsWith(`-${id}`)))
        expect(removal, bucket.name).to.include('the bucket');
      expect(removal, id).to.include('`ffops secrets edit`');
    }
  });

  it('names no platform', () => {
    for (const path of readdirSync(root('src/catalogue'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )) {
      const text = readFileSync(root(`src/catalogue/${path}`), 'utf8');
      for (const id of platforms.keys())
        expect(text.match(new RegExp(`['"\`]${id}['"\`]`)), `${path} names ${id}`).to.equal(null);
    }
  });
});

describe('platforms', () => {
  it('list every folder below src/platforms, under its own name', () => {
    expect([...platforms.keys()].sort()).to.deep.equal(foldersOf('src/platforms'));
    for (const [id, platform] of platforms) expect(platform.id).to.equal(id);
  });

  it('start with a file that is valid', async () => {
    for (const platform of platforms.values()) {
      const text = platform.starter('example.com');
      expect((await blueprintOf(text)).platform).to.equal(platform.id);
      expect(text.trim().split('\n').length, 'about ten lines').to.be.lessThan(16);
    }
  });
});
