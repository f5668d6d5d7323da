import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atLength } from '../../support/at-length.ts';
import { COMPILED } from '../../support/compiled.ts';
import { tempFolder } from '../../support/temp.ts';
import { caller, eventually, type Call } from './open-cloud.ts';

const program = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));
const rounds = atLength ? 10 : 3;

type Entry = Record<string, unknown>;

async function allPages(call: Call, path: string, key: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await call('GET', `${path}?per_page=200&page=${page}`);
    found.push(...body[key]);
    if (found.length >= body.meta.total) return found;
  }
}

/** A small generator, so that a failing run can be had again by its seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the simulated cloud, killed at any moment', () => {
  const seed = Number(process.env['FFOPS_SEED'] ?? Date.now() % 2 ** 31);
  const random = randomOf(seed);
  const folder = tempFolder();
  let child: ChildProcess | undefined;

  async function start(): Promise<Call> {
    child = spawn(process.execPath, [program, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...COMPILED },
    });
    if (child.stdout === null) throw new Error('no output');
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    return caller(url);
  }
  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  after(async () => {
    await kill();
    folder.remove();
  });

  // Processes are started one after the other.
  it(`keeps what it has answered for, whole, over ${rounds} kills (seed ${seed})`, async () => {
    const domains = new Set<string>();
    const clusters = new Set<string>();
    let call = await start();
    for (let round = 0; round < rounds; round += 1) {
      await workUntilKilled(call, round, domains, clusters);
      call = await start();

      const list = (path: string, key: string): Promise<Entry[]> => allPages(call, path, key);
      const known = await list('/v2/domains', 'domains');
      expect(known.map((domain) => domain['name'])).to.include.members([...domains]);
      for (const { name } of known.filter((domain) => String(domain['name']).startsWith(`d${round}-`))) {
        const records = await list(`/v2/domains/${String(name)}/records`, 'domain_records');
        expect(records, `a half-made domain: ${String(name)}`).to.have.length(5);
      }
      const ids = (await list('/v2/kubernetes/clusters', 'kubernetes_clusters')).map((cluster) => cluster['id']);
      expect(ids).to.include.members([...clusters]);
      await eventually(async () =>
        (await list('/v2/kubernetes/clusters', 'kubernetes_clusters')).every(
          (cluster) => (cluster['status'] as { state: string }).state === 'running',
        ),
      );
    }
    const { items } = (await call('GET', '/_sandbox/inventory')).body;
    const records = items.filter((item: Entry) => item['kind'] === 'record').map((item: Entry) => item['id']);
    expect(new Set(records)).to.have.property('size', records.length);
    expect(domains.size).to.be.at.least(rounds);
  }).timeout(60_000);

  /** Asks for domains and clusters, three at a time, and kills the cloud somewhere in its writing. */
  async function workUntilKilled(
    call: Call,
    round: number,
    domains: Set<string>,
    clusters: Set<string>,
  ): Promise<void> {
    const answersBeforeDeath = 1 + Math.floor(random() * 12);
    let answers = 0;
    let dead = false;
    const worker = async (n: number): Promise<void> => {
      for (let turn = 0; !dead; turn += 1) {
        const name = `d${round}-${n}-${turn}.example`;
        const made = await call('POST', '/v2/domains', { name, ip_address: '192.0.2.1' });
        if (made.status === 201) domains.add(name);
        if (turn === 1) {
          const cluster = await call('POST', '/v2/kubernetes/clusters', {
            name: `c${round}-${n}`,
            region: 'fra1',
            version: 'latest',
            node_pools: [{ name: 'pool', size: 's-2vcpu-4gb', count: 2 }],
          });
          if (cluster.status === 201) clusters.add(cluster.body.kubernetes_cluster.id);
        }
        answers += 1;
        if (answers === answersBeforeDeath) setTimeout(() => void kill(), random() * 5);
      }
    };
    const gone = child === undefined ? Promise.resolve() : once(child, 'exit');
    const workers = [1, 2, 3].map((n) => worker(n).catch(() => undefined));
    await gone;
    dead = true;
    await Promise.all(workers);
  }
});
