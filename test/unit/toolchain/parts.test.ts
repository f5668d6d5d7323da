import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packTarGz } from '../../../src/archives/pack.ts';
import { readTarGz, readZip } from '../../../src/archives/read.ts';
import { ignoreRules } from '../../../src/toolchain/charts.ts';
import { checksumIn } from '../../../src/toolchain/downloads.ts';
import { gateOf } from '../../../src/toolchain/gate.ts';
import { cacheRoot } from '../../../src/toolchain/layout.ts';
import { withLock } from '../../../src/toolchain/lock.ts';
import { compareVersions, fits, versionIn } from '../../../src/toolchain/version.ts';
import { tempFolder } from '../../support/temp.ts';
import { caught, fakes, host, zipOf } from './support.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('versions', () => {
  it('are found in what tools print', () => {
    const said: readonly (readonly [string, string | undefined])[] = [
      ['OpenTofu v1.12.6\non linux_amd64', '1.12.6'],
      ['doctl version 1.104.0-release', '1.104.0'],
      ['Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0', '1.32.4'],
      ['v3.22.0+g1234567', '3.22.0'],
      ['kwokctl version v0.8.0 go1.26.8 (linux/amd64)', '0.8.0'],
      ['127.0.0.1 is no version', undefined],
      ['', undefined],
    ];
    for (const [text, version] of said) expect(versionIn(text), text).to.equal(version);
  });

  it('are compared as numbers', () => {
    expect(compareVersions('1.10.0', '1.9.9')).to.be.greaterThan(0);
    expect(compareVersions('v1.2.3', '1.2.3')).to.equal(0);
    expect(fits('1.12.6', '>=1.11.0 <2.0.0')).to.equal(true);
    expect(fits('2.0.0', '>=1.11.0 <2.0.0')).to.equal(false);
    expect(fits('1.10.9', '>=1.11.0 <2.0.0')).to.equal(false);
  });
});

describe('archives', () => {
  const entries = [
    { path: 'chart/values.yaml', content: bytes('a: 1\n') },
    { path: 'chart/Chart.yaml', content: bytes('name: chart\n') },
    { path: `chart/${'deep/'.repeat(25)}file`, content: bytes('x'.repeat(70_000)) },
    { path: 'chart/empty', content: bytes('') },
  ];

  it('are packed into the same bytes whatever the order, and unpacked by us and by tar', () => {
    const packed = packTarGz(entries);
    expect(Buffer.compare(packed, packTarGz([...entries].reverse()))).to.equal(0);
    expect(readTarGz(packed).map(({ path, content }) => [path, content.length])).to.deep.equal([
      ['chart/Chart.yaml', 12],
      [`chart/${'deep/'.repeat(25)}file`, 70_000],
      ['chart/empty', 0],
      ['chart/values.yaml', 5],
    ]);
    const folder = tempFolder();
    try {
      writeFileSync(join(folder.path, 'chart.tgz'), packed);
      execFileSync('tar', ['xzf', 'chart.tgz'], { cwd: folder.path });
      expect(readFileSync(join(folder.path, entries[2]!.path), 'utf8')).to.equal('x'.repeat(70_000));
    } finally {
      folder.remove();
    }
  });

  it('of tar with long names are read', () => {
    const folder = tempFolder();
    try {
      const long = `${'n'.repeat(120)}.txt`;
      writeFileSync(join(folder.path, long), 'long');
      for (const format of ['gnu', 'pax']) {
        execFileSync('tar', [`--format=${format}`, '-czf', `${format}.tgz`, long], { cwd: folder.path });
        expect(readTarGz(readFileSync(join(folder.path, `${format}.tgz`))).map(({ path }) => path)).to.deep.equal([
          long,
        ]);
      }
    } finally {
      folder.remove();
    }
  });

  it('that are cut off are refused', () => {
    const packed = packTarGz(entries);
    expect(() => readTarGz(packed.subarray(0, 2000))).to.throw();
    expect(() => readZip(bytes('PK\u0003\u0004 no directory'))).to.throw('not whole');
  });

  it('of zip are read, stored and deflated', () => {
    expect(
      readZip(zipOf({ 'a/': '', 'a/stored': 'plain', 'a/deflated': 'y'.repeat(1000) })).map(({ path, content }) => [
        path,
        Buffer.from(content).toString(),
      ]),
    ).to.deep.equal([
      ['a/stored', 'plain'],
      ['a/deflated', 'y'.repeat(1000)],
    ]);
  });
});

describe('published checksums', () => {
  const sum = 'ab'.repeat(32);
  it('are understood in every form that the pinned projects use', () => {
    expect(checksumIn(`${sum}\n`, 'kubectl')).to.equal(sum);
    expect(checksumIn(`${'0'.repeat(64)}  other\n${sum}  helm.tar.gz\n`, 'helm.tar.gz')).to.equal(sum);
    expect(checksumIn(`${sum} *./dist/helm.tar.gz\n`, 'helm.tar.gz')).to.equal(sum);
    expect(checksumIn(JSON.stringify({ assets: [{ name: 'age', digest: `sha256:${sum}` }] }), 'age')).to.equal(sum);
    expect(checksumIn(JSON.stringify({ assets: [{ name: 'age', digest: null }] }), 'age')).to.equal(undefined);
    expect(checksumIn(`${sum}  helm.tar.gz.asc\n`, 'helm.tar.gz')).to.equal(undefined);
    expect(checksumIn('<html>not found</html>', 'helm.tar.gz')).to.equal(undefined);
  });
});

describe('.helmignore', () => {
  it('is read as Helm reads it', () => {
    const ignored = ignoreRules('# comment\n\n.git/\n*.swp\n/OWNERS\ntests/\nci\ndocs/*.md\n');
    const yes = [
      ['.git', true],
      ['a/b.swp', false],
      ['OWNERS', false],
      ['tests', true],
      ['sub/tests', true],
      ['ci', false],
      ['docs/x.md', false],
      ['templates/.hidden', false],
    ] as const;
    const no = [
      ['.git', false],
      ['sub/OWNERS', false],
      ['sub/docs/x.md', false],
      ['templates/x.yaml', false],
      ['aswp', false],
    ] as const;
    for (const [path, isFolder] of yes) expect(ignored(path, isFolder), path).to.equal(true);
    for (const [path, isFolder] of no) expect(ignored(path, isFolder), path).to.equal(false);
  });
});

describe('the gate before builds', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const run = (limits: Parameters<typeof gateOf>[0]) => {
    const gate = gateOf(limits);
    const started: string[] = [];
    const finish = new Map<string, () => void>();
    return {
      started,
      enter: (name: string, memoryGb: number, module = name) =>
        gate.pass({ memoryGb, module }, () => {
          started.push(name);
          return new Promise<void>((resolve) => finish.set(name, resolve));
        }),
      leave: async (name: string) => {
        finish.get(name)!();
        await settle();
      },
    };
  };

  it('lets no more through than memory holds, but always one', async () => {
    const { started, enter, leave } = run({ memoryGb: 4, atOnce: 3 });
    const all = [enter('huge', 9), enter('small', 1), enter('big', 3.5), enter('tiny', 0.5)];
    await settle();
    expect(started).to.deep.equal(['huge']);
    await leave('huge');
    expect(started).to.deep.equal(['huge', 'small', 'tiny']);
    await leave('small');
    expect(started).to.deep.equal(['huge', 'small', 'tiny', 'big']);
    await leave('tiny');
    await leave('big');
    await Promise.all(all);
  });

  it('lets one build of a module through at a time: the second finds its packages compiled', async () => {
    const { started, enter, leave } = run({ memoryGb: 16, atOnce: 2 });
    const all = [enter('kwok', 1, 'kwok'), enter('kwokctl', 1, 'kwok'), enter('etcd', 1)];
    await settle();
    expect(started).to.deep.equal(['kwok', 'etcd']);
    await leave('kwok');
    expect(started).to.deep.equal(['kwok', 'etcd', 'kwokctl']);
    await leave('etcd');
    await leave('kwokctl');
    await Promise.all(all);
  });
});

describe('the lock of a tool', () => {
  const PATH = '/cache/tools/x/lock';
  const owner = (pid: number, hostName = 'here') =>
    JSON.stringify({ host: hostName, pid, since: Date.parse('2026-01-15T03:00:00.000Z') });

  it('is waited for, and told once', async () => {
    const all = fakes({ files: { [PATH]: owner(99) } });
    const waits: string[] = [];
    const { clock } = all;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, interruption) => {
      await sleep(ms, interruption);
      if (clock.sleeps.length === 3) await all.files.remove(PATH);
    };
    expect(
      await withLock(
        all.ports,
        host,
        '/cache/tools/x',
        (who) => waits.push(who),
        async () => 'made',
      ),
    ).to.equal('made');
    expect(waits).to.deep.equal(['process 99']);
    expect(all.files.content.has(PATH)).to.equal(false);
  });

  it('of a process that died is taken over at once', async () => {
    const all = fakes({ files: { [PATH]: owner(99) } });
    expect(
      await withLock(
        all.ports,
        { ...host, isAlive: () => false },
        '/cache/tools/x',
        () => {},
        async () => 'made',
      ),
    ).to.equal('made');
    expect(all.clock.sleeps).to.deep.equal([]);
  });

  it('of another machine is taken over when it is older than any build', async () => {
    const all = fakes({ files: { [PATH]: owner(1, 'elsewhere') }, now: '2026-01-15T07:00:00.000Z' });
    expect(
      await withLock(
        all.ports,
        host,
        '/cache/tools/x',
        () => {},
        async () => 'made',
      ),
    ).to.equal('made');
  });

  it('that is garbage is nobody’s', async () => {
    const all = fakes({ files: { [PATH]: 'half' } });
    expect(
      await withLock(
        all.ports,
        host,
        '/cache/tools/x',
        () => {},
        async () => 'made',
      ),
    ).to.equal('made');
  });

  it('is released when the work fails, and waiting for it can be interrupted', async () => {
    const all = fakes();
    await caught(
      withLock(
        all.ports,
        host,
        '/cache/tools/x',
        () => {},
        () => Promise.reject(new Error('no')),
      ),
    );
    expect(all.files.content.has(PATH)).to.equal(false);
    await all.files.write(PATH, owner(99));
    all.interruption.press();
    expect(
      (
        await caught(
          withLock(
            all.ports,
            host,
            '/cache/tools/x',
            () => {},
            async () => 1,
          ),
        )
      ).code,
    ).to.equal('toolchain.interrupted');
  });
});

describe('the cache', () => {
  it('is where the user says, or where the system keeps caches', () => {
    expect(cacheRoot({ FFOPS_CACHE: '/big', XDG_CACHE_HOME: '/xdg', HOME: '/home/a' })).to.equal('/big');
    expect(cacheRoot({ XDG_CACHE_HOME: '/xdg', HOME: '/home/a' })).to.equal('/xdg/ffops');
    expect(cacheRoot({ HOME: '/home/a' })).to.equal('/home/a/.cache/ffops');
  });
});
