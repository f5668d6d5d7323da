import { expect } from 'chai';
import { FILE, load, prod } from './support.ts';

describe('loading an environment', () => {
  it('asks for two options only', async () => {
    const { environment } = await load('platform: cloud\nrootDomain: acme.be\n');
    expect(environment.platform).to.equal('cloud');
    expect(environment.rootDomain).to.equal('acme.be');
    expect(environment.cluster.name).to.equal('acme-prod');
    expect(environment.backups).to.deep.equal({ enabled: true, schedule: '03:00', retentionDays: 30 });
    expect(environment.apps).to.deep.equal({});
  });

  it('lays the file over the platform, option by option', async () => {
    const { environment } = await load(prod('cluster:', '  region: fra1', '  maintenance: {day: sunday}'));
    expect(environment.cluster.region).to.equal('fra1');
    expect(environment.cluster.version).to.equal('1.35');
    expect(environment.cluster.maintenance).to.deep.equal({ day: 'sunday', start: '04:00' });
  });

  it('tells the platform what is written, so that defaults can follow', async () => {
    const { environment } = await load(prod('cluster:', '  region: fra1'));
    expect(environment.state.region).to.equal('fra1');
  });

  it('takes a list whole', async () => {
    const { environment } = await load(prod('cluster:', '  nodePools:', '    - {name: big, size: large, count: 1}'));
    expect(environment.cluster.nodePools.map((pool) => pool.name)).to.deep.equal(['big']);
    expect(environment.cluster.nodePools[0]?.labels).to.deep.equal({});
  });

  it('gives apps the defaults of the file, then of the platform, then of the catalogue', async () => {
    const { environment } = await load(prod('apps:', '  blog: {title: Acme}', '  flow: {}'));
    expect(environment.apps['blog']).to.deep.equal({ title: 'Acme', storage: '10Gi' });
    expect(environment.apps['flow']).to.deep.equal({
      queueMode: false,
      workers: 2,
      media: 'volume',
      mailer: { from: 'flow', port: 25 },
    });
  });

  it('never adds an app because a platform has defaults for it', async () => {
    const { environment } = await load(prod('apps:', '  blog:'));
    expect(Object.keys(environment.apps)).to.deep.equal(['blog']);
  });

  it('takes a name with nothing behind it for an empty group', async () => {
    const { environment } = await load(prod('cluster:', 'mail:', 'apps:', '  blog:', '  flow:', '    mailer:'));
    expect(environment.mail).to.deep.equal({ mx: [], dkim: [] });
    expect(environment.apps['flow']).to.have.nested.property('mailer.port', 25);
  });

  it('reads files of Windows: a byte order mark, and CRLF', async () => {
    const { environment, origins } = await load(`\uFEFF${prod('dns:', '  ttl: 60').replaceAll('\n', '\r\n')}`);
    expect(environment.dns.ttl).to.equal(60);
    expect(environment.rootDomain).to.equal('acme.be');
    expect(origins.of('platform')).to.deep.include({ line: 1, column: 1 });
    expect(origins.of('dns.ttl')).to.deep.include({ line: 4, column: 3 });
  });

  it('accepts a made-up domain where the world does not come', async () => {
    const { environment } = await load('platform: laptop\nrootDomain: acme.kube\n', 'dev');
    expect(environment.rootDomain).to.equal('acme.kube');
  });

  it('accepts a domain below a public suffix, and one below that', async () => {
    for (const domain of ['acme.co.uk', 'dev.acme.be', 'acme.github.io', 'xn--caf-dma.be']) {
      expect((await load(`platform: cloud\nrootDomain: ${domain}\n`)).environment.rootDomain).to.equal(domain);
    }
  });

  it('accepts everything the model knows', async () => {
    const { environment } = await load(
      prod(
        'cluster:',
        '  name: acme',
        '  vpcRange: 10.10.0.0/16',
        '  highAvailability: true',
        '  autoUpgrade: false',
        '  maintenance: {day: sunday, start: "04:00"}',
        '  systemPool: {size: small, count: 1}',
        '  nodePools:',
        '    - name: data',
        '      size: large',
        '      autoscale: {min: 0, max: 3}',
        '      labels: {example.com/tier: data}',
        '      taints: [{key: dedicated, value: data, effect: NoSchedule}]',
        'state: {backend: local}',
        'ingress: {controller: nginx, waf: off, replicas: 3}',
        'tls: {issuer: letsencrypt-staging, email: ops@acme.be}',
        'dns: {provider: digitalocean, ttl: 60}',
        'mail:',
        '  mx: [{host: mx.acme.be, priority: 10}]',
        '  spf: v=spf1 mx -all',
        '  dkim: [{selector: mail, publicKey: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=}]',
        '  dmarc: v=DMARC1; p=reject',
        'databases: {postgres: {version: "18", memory: 4Gi, storage: 50Gi}, mariadb: {storage: 5Gi}}',
        'objectStorage: {region: fra1, buckets: [acme-files]}',
        'backups: {enabled: true, schedule: "*/15 1-5,12 * * 1-5", retentionDays: 7}',
        'metrics: {enabled: false, retentionDays: 3, storage: 1Ti}',
      ),
    );
    expect(environment.cluster.nodePools[0]?.taints[0]?.effect).to.equal('NoSchedule');
    expect(environment.databases.mariadb).to.deep.equal({ version: '11.8', memory: '1Gi', storage: '5Gi' });
    expect(environment.mail?.dkim[0]?.publicKey).to.equal('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=');
  });

  describe('warnings', () => {
    it('tell of text that other YAML readers take for true or false', async () => {
      const { warnings } = await load(prod('apps:', '  blog:', '    title: no'));
      expect(warnings).to.have.length(1);
      expect(warnings[0]?.message).to.match(/`apps\.blog\.title` is the text "no" here/);
      expect(warnings[0]?.at).to.deep.equal({ file: FILE, line: 5, column: 12 });
    });

    it('leave alone what is quoted, or an own word of ffops', async () => {
      const { warnings } = await load(prod('ingress:', '  waf: off', 'apps:', '  blog:', '    title: "no"'));
      expect(warnings).to.deep.equal([]);
    });

    it('tell of numbers that other YAML readers take for octal ones', async () => {
      const { warnings } = await load(prod('dns:', '  ttl: 0300'));
      expect(warnings[0]?.message).to.match(/`dns\.ttl` is the number 300 here.*0300 for an octal/);
    });
  });

  describe('origins', () => {
    it('name the line of what is written', async () => {
      const { origins } = await load(
        prod('cluster:', '  nodePools:', '    - name: a', '      size: small', '      count: 1'),
      );
      expect(origins.of('rootDomain')).to.deep.equal({
        kind: 'file',
        path: 'rootDomain',
        file: FILE,
        line: 2,
        column: 1,
      });
      expect(origins.of('cluster')).to.deep.include({ kind: 'file', line: 3, column: 1 });
      expect(origins.of('cluster.nodePools[0]')).to.deep.include({ kind: 'file', line: 5, column: 7 });
      expect(origins.of('cluster.nodePools[0].size')).to.deep.include({ kind: 'file', line: 6, column: 7 });
    });

    it('name the platform, the catalogue and ffops for what is not', async () => {
      const { origins } = await load(prod('apps:', '  blog: {title: Acme}'));
      expect(origins.of('cluster.region')).to.deep.equal({
        kind: 'platform',
        path: 'cluster.region',
        platform: 'cloud',
      });
      expect(origins.of('cluster.nodePools[0].size')).to.deep.include({ kind: 'platform' });
      expect(origins.of('cluster.highAvailability')).to.deep.equal({ kind: 'ffops', path: 'cluster.highAvailability' });
      expect(origins.of('apps.blog.title')).to.deep.include({ kind: 'file', line: 4 });
      expect(origins.of('apps.blog.storage')).to.deep.include({ kind: 'platform', platform: 'cloud' });
      expect((await load(prod('apps: {flow: }'))).origins.of('apps.flow.workers')).to.deep.equal({
        kind: 'catalogue',
        path: 'apps.flow.workers',
        entry: 'flow',
      });
    });

    it('fall back to the nearest group, and to the platform line', async () => {
      const { origins } = await load(prod('mail:', '  spf: v=spf1 -all'));
      expect(origins.of('mail.dmarc')).to.deep.include({ kind: 'file', line: 3, path: 'mail.dmarc' });
      expect((await load(prod())).origins.of('mail')).to.deep.include({ kind: 'file', line: 1 });
    });

    it('understand names that are not words', async () => {
      const pool = '    - {name: a, size: small, count: 1, labels: {example.com/tier: x}}';
      const { origins } = await load(prod('cluster:', '  nodePools:', pool));
      expect(origins.of('cluster.nodePools[0].labels["example.com/tier"]')).to.deep.include({
        kind: 'file',
        line: 5,
        column: 49,
      });
    });
  });
});
