import { expect } from 'chai';
import { FILE, load, problemsFrom, prod, problemsOf, told } from './support.ts';

/** One problem, told in full. */
async function only(text: string, name?: string): Promise<string> {
  const list = told(await problemsOf(text, name));
  expect(list, list.join('\n')).to.have.length(1);
  return list[0] as string;
}

describe('a wrong environment file', () => {
  describe('as a file', () => {
    it('may not be empty', async () => {
      expect(await only('')).to.match(/^1:1 The environment file is empty\./);
      expect(await only('# only a comment\n')).to.match(/^1:1 The environment file is empty\./);
      expect(await only('---\n')).to.match(/^1:1 The environment file is empty\./);
    });

    it('holds one document', async () => {
      expect(await only(`${prod()}---\n${prod()}`)).to.match(/^3:1 The file holds 2 YAML documents/);
    });

    it('is valid YAML', async () => {
      expect(await only(prod('dns: {ttl: 300'))).to.match(/^4:1 A { or a \[ above this line is not closed/);
      expect(await only(prod('tls:', '  email: "ops@acme.be'))).to.match(/^\d:\d+ A quote is not closed/);
      expect(await only(prod('tls: a: b'))).to.match(/^3:6 A second `name:` starts inside this value/);
      expect(await only(prod('tls: @ops'))).to.match(/^3:6 A plain value cannot start/);
    });

    it('has its slips told in words, whichever they are', async () => {
      expect(await only(prod('dns: - ttl'))).to.match(/^3:6 A list starts on the line below its name/);
      expect(await only(prod('dns: {}}'))).to.match(/This bracket closes nothing/);
      expect(await only(prod('dns'))).to.match(/^3:1 There is no colon on this line/);
      expect(await only(prod('tls:', '  email: "\\q"'))).to.match(/This backslash escape does not exist/);
      expect(await only(prod('tls:', '  email: a', ' dns: {}'))).to.match(/not indented like its neighbours/);
      expect(await only(prod('tls: *'))).to.match(/An asterisk starts an alias/);
      expect(await only(prod('tls: "a" "b"'))).to.match(/This is not valid YAML: /);
    });

    it('is indented by spaces, not by tabs', async () => {
      expect(await only(prod('dns:', '\tttl: 300'))).to.match(/^4:1 A tab indents this line.*two spaces/);
    });

    it('says each option once', async () => {
      expect(await only(prod('dns:', '  ttl: 300', '  ttl: 60'))).to.match(
        /^5:3 `dns\.ttl` is written twice; the first is on line 4/,
      );
    });

    it('has text as names', async () => {
      expect(await only(prod('1: x'))).to.match(/^3:1 `1` cannot be the name of an option.*quotes/);
      expect(await only(prod('? [a, b]', ': x'))).to.match(/cannot be the name of an option/);
      expect(await only(prod('__proto__: {}'))).to.match(/^3:1 `__proto__` cannot be the name/);
    });

    it('has no aliases, so that bombs cannot go off', async () => {
      const bomb = ['a: &a [x, x]', 'b: &b [*a, *a]', 'c: &c [*b, *b]'];
      const list = told(await problemsOf(prod(...bomb)));
      expect(list).to.have.length(4);
      expect(list[0]).to.match(/^4:8 ffops reads no aliases \(`\*a`\).*Write the value itself/);
    });

    it('has no merge keys', async () => {
      expect(await only(prod('dns:', '  <<: {ttl: 60}'))).to.match(/^4:3 ffops reads no merge keys/);
    });

    it('has no tags that ffops does not know', async () => {
      expect(await only(prod('dns: !ruby/object {}'))).to.match(/^3:6 ffops does not know this YAML tag/);
    });

    it('does not nest without end', async () => {
      expect(await only(prod(`dns: ${'['.repeat(60)}${']'.repeat(60)}`))).to.match(/nests values too deeply/);
      expect(await only(prod(`dns: ${'{a: '.repeat(30_000)}`))).to.match(/nests values too deeply|not closed/);
    });

    it('is UTF-8', async () => {
      expect(await only('p\0l\0a\0')).to.match(/^1:1 The file is not UTF-8 text.*Save it again/);
    });

    it('holds options', async () => {
      expect(await only('- platform: cloud\n')).to.match(/^1:1 .*must hold options.*It holds a list instead/);
      expect(await only('cloud\n')).to.match(/It holds the text "cloud" instead/);
    });

    it('is not absurdly large', async () => {
      expect(await only('#'.repeat(4_000_001))).to.match(/larger than 4 MB/);
    });
  });

  describe('in its options', () => {
    it('has known ones: a near miss is suggested', async () => {
      expect(await only(prod('cluster:', '  regoin: fra1'))).to.equal(
        '4:3 `cluster.regoin` is not an option. | Did you mean `region`?',
      );
      expect(await only(prod('ingres:', '  waf: off'))).to.match(
        /^3:1 `ingres` is not an option. \| Did you mean `ingress`\?/,
      );
    });

    it('has them in the right spelling: other habits are understood', async () => {
      expect(await only(prod('object-storage: {}'))).to.match(/Did you mean `objectStorage`\?/);
      expect(await only(prod('cluster:', '  high_availability: true'))).to.match(/Did you mean `highAvailability`\?/);
    });

    it('has them in the right group', async () => {
      expect(await only(prod('waf: block'))).to.match(/^3:1 `waf` is not an option. \| Did you mean `ingress\.waf`\?/);
      expect(await only(prod('region: fra1'))).to.match(
        /Did you mean `cluster\.region`, `state\.region` or `objectStorage\.region`\?/,
      );
      expect(await only(prod('blog:'))).to.match(/apps are listed under `apps`. \| Write it as `apps\.blog`/);
    });

    it('lists what there is when nothing is near', async () => {
      expect(await only(prod('dns:', '  zzz: 1'))).to.match(/Options here: provider, ttl\./);
    });

    it('has the right types, told in human words', async () => {
      expect(await only(prod('ingress:', '  replicas: two'))).to.match(
        /^4:13 `ingress\.replicas` must be a whole number; found the text "two"/,
      );
      expect(await only(prod('ingress:', '  replicas: "3"'))).to.match(/Remove the quotes: 3\./);
      expect(await only(prod('ingress:', '  replicas: 1.5'))).to.match(/must be a whole number; found the number 1\.5/);
      expect(await only(prod('backups:', '  enabled: yes'))).to.match(
        /must be true or false; found the text "yes"\. \| Write true/,
      );
      expect(await only(prod('cluster:', '  nodePools: workers'))).to.match(
        /must be a list; found the text "workers"\. \| Write a list/,
      );
      expect(await only(prod('dns: 300'))).to.match(/^3:6 `dns` must be a group of options; found the number 300/);
      expect(await only(prod('dns: [300]'))).to.match(/found a list/);
      expect(await only(prod('dns:', '  ttl:'))).to.match(/found nothing\. \| Write a value, or remove the line/);
    });

    it('quotes versions: 1.30 is the number 1.3', async () => {
      expect(await only(prod('cluster:', '  version: 1.30'))).to.equal(
        '4:12 `cluster.version` must be text; found the number 1.30. | Put it between quotes: "1.30".',
      );
    });

    it('has values from closed lists', async () => {
      expect(await only(prod('ingress:', '  waf: blok'))).to.equal(
        '4:8 `ingress.waf` must be one of `off`, `detect`, `block`; found the text "blok". | Did you mean `block`?',
      );
      expect(await only(prod('ingress:', '  waf: false'))).to.match(/Write `off`\./);
      expect(await only(prod('tls:', '  issuer: false'))).to.match(/Write `none`\./);
    });

    it('keeps numbers within bounds', async () => {
      expect(await only(prod('dns:', '  ttl: 5'))).to.match(/`dns\.ttl` must be at least 30; found the number 5/);
      expect(await only(prod('backups:', '  retentionDays: 9999'))).to.match(/must be at most 3650/);
      expect(await only(prod('dns:', '  ttl: .inf'))).to.match(/must be/);
    });

    it('writes formats the one way they have', async () => {
      expect(await only(prod('metrics:', '  storage: 10GB'))).to.match(
        /must be a size such as 10Gi; found the text "10GB"/,
      );
      expect(await only(prod('backups:', '  schedule: 25:00'))).to.match(
        /must be a time of day such as 03:00, or five cron fields/,
      );
      expect(await only(prod('backups:', '  schedule: 60 3 * * *'))).to.match(/five cron fields/);
      expect(await only(prod('cluster:', '  vpcRange: 8.8.0.0/16'))).to.match(/must be a private network/);
      expect(await only(prod('tls:', '  email: ops'))).to.match(/must be an e-mail address/);
      expect(await only(prod('mail:', '  spf: mx -all'))).to.match(/must be a record that starts with v=spf1/);
    });

    it('has everything a list item needs', async () => {
      expect(await only(prod('cluster:', '  nodePools:', '    - name: a', '      count: 1'))).to.match(
        /^5:7 `cluster\.nodePools\[0\]\.size` is missing\. \| The platform's size/,
      );
    });

    it('tells an item with a misspelt option of one mistake, not of two', async () => {
      const text = prod('cluster:', '  nodePools:', '    - {nmae: a, size: small, count: 1}');
      expect(await only(text)).to.equal('5:8 `cluster.nodePools[0].nmae` is not an option. | Did you mean `name`?');
    });

    it('gives a node pool one size or bounds, in order, and a name of its own', async () => {
      const pool = (...lines: string[]): string =>
        prod('cluster:', '  nodePools:', ...lines.map((line) => `    ${line}`));
      expect(await only(pool('- {name: a, size: small}'))).to.match(/^5:7 .*needs either `count` or `autoscale`/);
      expect(await only(pool('- {name: a, size: small, count: 1, autoscale: {min: 1, max: 2}}'))).to.match(/either/);
      expect(await only(pool('- {name: a, size: small, autoscale: {min: 3, max: 2}}'))).to.match(
        /`min` above its `max`/,
      );
      expect(await only(pool('- {name: a, size: small, count: 1}', '- {name: a, size: small, count: 1}'))).to.match(
        /^6:\d+ Two node pools are called `a`/,
      );
    });
  });

  describe('in its platform', () => {
    it('names one', async () => {
      expect(await only('rootDomain: acme.be\n')).to.match(/^1:1 `platform` is missing/);
      expect(await only('platform: cluod\nrootDomain: acme.be\n')).to.equal(
        '1:11 There is no platform `cluod`. | Did you mean `cloud`?',
      );
      expect(await only('platform: mainframe\nrootDomain: acme.be\n')).to.match(/Platforms: cloud, laptop\./);
    });

    it('asks for a region that exists', async () => {
      expect(await only(prod('cluster:', '  region: ams4'))).to.equal(
        '4:11 Test Cloud does not offer `cluster.region: ams4`. | Did you mean `ams3`? | It offers: ams3, fra1, nyc3.',
      );
    });

    it('asks for sizes that exist', async () => {
      const pools = ['cluster:', '  nodePools:', '    - {name: a, size: huge, count: 1}'];
      expect(await only(prod(...pools))).to.match(
        /^5:23 Test Cloud does not offer `cluster\.nodePools\[0\]\.size: huge`/,
      );
    });

    it('asks for a version that it offers', async () => {
      expect(await only(prod('cluster:', '  version: "1.12"'))).to.equal(
        '4:12 Test Cloud does not offer Kubernetes 1.12. | Choose 1.33 to 1.36.',
      );
    });

    it('uses only options that mean something there', async () => {
      expect(await only(prod('cluster:', '  context: minikube'))).to.match(
        /^4:3 `cluster\.context` means nothing on Test Cloud. \| The cluster is made by ffops/,
      );
      expect(await only('platform: laptop\nrootDomain: acme.kube\nmail: {}\n')).to.match(
        /`mail` means nothing on A laptop/,
      );
    });
  });

  describe('in its root domain', () => {
    const domain = (text: string): string => `platform: cloud\nrootDomain: ${text}\n`;

    it('has one', async () => {
      expect(await only('platform: cloud\n')).to.match(/^1:1 `rootDomain` is missing/);
    });

    it('is a domain', async () => {
      expect(await only(domain('acme'))).to.match(/^2:13 `rootDomain` must be a domain; found "acme"/);
      expect(await only(domain('192.168.1.2'))).to.match(/must be a domain; found "192\.168\.1\.2"/);
      expect(await only(domain('a_b.be'))).to.match(/must be a/);
      expect(await only(domain('"acme.be evil.be"'))).to.match(/must be a/);
      expect(await only(domain('12'))).to.match(/must be text; found the number 12/);
    });

    it('is a bare one', async () => {
      expect(await only(domain('https://Acme.be/'))).to.match(/bare domain in lower case.*Write `acme\.be`/);
      expect(await only(domain('"*.acme.be"'))).to.match(/Write `acme\.be`/);
      expect(await only(domain('acme.be.'))).to.match(/Write `acme\.be`/);
      expect(await only(domain('acme.be:443'))).to.match(/Write `acme\.be`/);
      expect(await only(domain('café.be'))).to.match(/Write `xn--caf-dma\.be`/);
    });

    it('is nobody else’s: not a public suffix', async () => {
      expect(await only(domain('co.uk'))).to.match(/^2:13 .*`co\.uk` is a public suffix.*`example\.co\.uk`/);
      expect(await only(domain('github.io'))).to.match(/`github\.io` is a public suffix/);
    });

    it('exists for the world where the world must reach it', async () => {
      expect(await only(domain('acme.kube'))).to.match(/`\.kube` is not a public top-level domain/);
    });

    it('leaves room for the names below it', async () => {
      expect(await only(domain(`${'a'.repeat(64)}.be`))).to.match(
        /too long for DNS: a part has 64 characters, and at most 63/,
      );
      expect(await only(domain(`${'abcdefghi.'.repeat(19)}be`))).to.match(/too long for DNS: it has 192 characters/);
    });
  });

  describe('in its names', () => {
    it('keeps within the 63 characters of Kubernetes', async () => {
      expect(await only(prod('cluster:', `  name: ${'a'.repeat(64)}`))).to.match(/`cluster\.name` must be at most 63/);
      expect(
        await only(prod('cluster:', '  nodePools:', `    - {name: ${'p'.repeat(64)}, size: small, count: 1}`)),
      ).to.match(/`cluster\.nodePools\[0\]\.name` must be at most 63/);
      const labels = (label: string): string =>
        prod('cluster:', '  nodePools:', `    - {name: a, size: small, count: 1, labels: {${label}}}`);
      expect(await only(labels(`tier: ${'x'.repeat(64)}`))).to.match(/labels\.tier` must be at most 63/);
      expect(await only(labels(`${'k'.repeat(64)}: x`))).to.match(/The name of .* must be at most 63/);
    });

    it('keeps within the 63 characters of a bucket', async () => {
      expect(await only(prod('objectStorage:', `  buckets: [${'b'.repeat(64)}]`))).to.match(
        /buckets\[0\]` must be 3 to 63/,
      );
    });

    it('fits together with the name of the workspace', async () => {
      const [problem] = await problemsFrom(() => load(prod(), 'p'.repeat(25), 'w'.repeat(26)));
      expect(problem?.message).to.match(/too long together/);
      expect(problem?.hints?.[0]).to.match(/63 characters/);
      await load(prod(), 'p'.repeat(25), 'w'.repeat(25));
    });

    it('is itself called like a folder', async () => {
      expect(await only(prod(), 'Prod')).to.match(/An environment cannot be called "Prod"/);
      expect(await only(prod(), 'p'.repeat(33))).to.match(/at most 32/);
    });
  });

  describe('in its apps', () => {
    it('lists apps that exist', async () => {
      expect(await only(prod('apps:', '  blgo: {}'))).to.equal('4:3 There is no app `blgo`. | Did you mean `blog`?');
      expect(await only(prod('apps:', '  sap: {}'))).to.match(
        /There is no app `sap`. \| See what there is: ffops app list/,
      );
    });

    it('does not list systems', async () => {
      expect(await only(prod('apps:', '  proxy: {}'))).to.match(/^4:3 `proxy` is not an app: ffops installs it/);
    });

    it('lists an app once', async () => {
      expect(await only(prod('apps:', '  blog: {}', '  blog: {}'))).to.match(/^5:3 `apps\.blog` is written twice/);
    });

    it('writes apps as a group; as a list, twice is told too', async () => {
      expect(told(await problemsOf(prod('apps: [blog, flow, blog]')))).to.deep.equal([
        '3:7 `apps` must be a group with one entry per app; found a list. | Write each app as a name with a colon: `blog:`, and its options below it.',
        '3:20 The app `blog` is listed twice. | Keep one of them.',
      ]);
    });

    it('gives an app its own options', async () => {
      expect(await only(prod('apps:', '  blog:', '    titel: x'))).to.match(
        /^5:5 `apps\.blog\.titel` is not an option. \| Did you mean `title`\?/,
      );
    });

    it('does not give an app the option of another', async () => {
      expect(await only(prod('apps:', '  blog:', '    queueMode: true'))).to.match(
        /^5:5 `apps\.blog\.queueMode` is not an option of `blog`: it belongs to `flow`\./,
      );
    });

    it('does not give an app what belongs to the environment', async () => {
      expect(await only(prod('apps:', '  blog:', '    waf: off'))).to.match(
        /is not an option of `blog`: it is `ingress\.waf`/,
      );
    });

    it('gives options the right values', async () => {
      expect(await only(prod('apps:', '  flow:', '    workers: many'))).to.match(
        /^5:14 `apps\.flow\.workers` must be a whole number/,
      );
      expect(await only(prod('apps:', '  flow:', '    mailer: {port: smtp}'))).to.match(
        /`apps\.flow\.mailer\.port` must be a whole number/,
      );
      expect(await only(prod('apps:', '  blog: on'))).to.match(
        /`apps\.blog` must be a group of options; found the text "on"/,
      );
    });

    it('tells the branch of a choice that was meant', async () => {
      expect(await only(prod('apps:', '  flow:', '    media: {bukcet: files}'))).to.match(
        /`apps\.flow\.media\.bukcet` is not an option. \| Did you mean `bucket`/,
      );
      expect(await only(prod('apps:', '  flow:', '    media: {bucket: x}'))).to.match(
        /`apps\.flow\.media\.bucket` must have at least 3 characters/,
      );
      expect(await only(prod('apps:', '  flow:', '    media: disk'))).to.match(
        /must be `volume`, or a group of options; found the text "disk"/,
      );
    });

    it('hears what an app says of the whole, in whole sentences', async () => {
      expect(await only(prod('apps:', '  shop: {}'))).to.equal('4:3 The shop needs the blog.');
    });
  });

  describe('against the rules of the house', () => {
    for (const key of ['host', 'hostname', 'domain', 'url', 'ingressHost', 'hosts']) {
      it(`sets no host name: \`${key}\` explains that names derive from rootDomain`, async () => {
        expect(await only(prod('apps:', '  blog:', `    ${key}: blog.acme.be`))).to.match(
          /^5:5 .* is not an option: every host name derives from `rootDomain` and cannot be set. \| Remove it/,
        );
      });
    }

    it('sets no host name anywhere', async () => {
      expect(await only(prod('ingress:', '  host: acme.be'))).to.match(/derives from `rootDomain`/);
      expect(await only(prod('domain: acme.be'))).to.match(/derives from `rootDomain`/);
    });

    it('installs nothing of Bitnami', async () => {
      for (const image of [
        'docker.io/bitnami/redis:7',
        'oci://registry-1.docker.io/bitnamicharts/redis',
        'bitnamilegacy/redis',
        'https://charts.bitnami.com/bitnami',
      ]) {
        expect(await only(prod('apps:', '  blog:', `    title: ${image}`)), image).to.match(
          /^5:12 `apps\.blog\.title` names a Bitnami chart or image/,
        );
      }
    });

    it('tells of Bitnami behind an unknown option too', async () => {
      expect(told(await problemsOf(prod('apps:', '  blog:', '    image: bitnami/wordpress'))).join('\n')).to.match(
        /names a Bitnami/,
      );
    });

    it('uses no managed database', async () => {
      const managed = /^\d:\d .* is not an option: there is no managed database on this platform.*OVH/;
      expect(await only(prod('databases:', '  postgres:', '    managed: true'))).to.match(managed);
      expect(await only(prod('databases:', '  postgres: managed'))).to.match(managed);
      expect(await only(prod('databases:', '  postgres:', '    mode: managed'))).to.match(managed);
      expect(await only(prod('databases:', '  managed: true'))).to.match(managed);
      expect(await only(prod('apps:', '  blog:', '    managedDatabase: true'))).to.match(managed);
    });
  });

  describe('with several mistakes', () => {
    it('hears of all of them at once, in file order', async () => {
      const text = [
        'platform: cloud',
        'rootDomain: co.uk',
        'cluster:',
        '  regoin: fra1',
        '  version: "1.12"',
        'ingress: {waf: blok, replicas: two}',
        'apps:',
        '  blgo:',
        '  flow:',
        '    host: x.be',
        '',
      ].join('\n');
      const list = await problemsOf(text);
      expect(list.map((problem) => problem.at?.line)).to.deep.equal([2, 4, 5, 6, 6, 8, 10]);
      for (const problem of list) expect(problem.at?.file).to.equal(FILE);
    });

    it('is not told twice of one mistake', async () => {
      expect(await only(prod('cluster: 3'))).to.match(/`cluster` must be a group/);
      expect(await only('platform: 3\nrootDomain: acme.be\n')).to.match(/`platform` must be text/);
    });

    it('stays readable with thousands of mistakes', async () => {
      const apps = Array.from({ length: 3_000 }, (_, index) => `  nothing${index}: {}`);
      const list = await problemsOf(prod('apps:', ...apps));
      expect(list).to.have.length(101);
      expect(list.at(-1)?.message).to.equal('And 2900 more problems.');
    });
  });
});
