/**
 * The dumps of PostgreSQL against its own tools, side by side, like with like. Out: `pg_dump | zstd | rclone rcat` with the
 * same encryption into the same bucket, which neither counts, nor compares checksums, nor dumps more than the one database.
 * zstd works at its own level there, and at its fastest here, which makes texts about a tenth larger.
 * Back: `zstd`, `pg_restore` with as many workers, and `analyze`; no row is counted there. What a run costs before and
 * after the content (a dozen programs that start) is measured with an empty database, said, and taken off both sides.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChartServer, type ChartServer } from '../test/support/chart-servers.ts';
import { openDumpBench, type DumpBench } from '../test/support/dump-scripts.ts';
import { realToolchain } from '../test/support/toolchain.ts';
import { median, type Claim } from './measure.ts';
import { watchMemory, type MemoryWatch } from './memory.ts';

const MEGABYTES = Number(process.env['FFOPS_BENCH_DUMP_MB'] ?? 1024);
const ROUNDS = 3;
/** Two numbers, a random text and a repeated one: about as compressible as a shop. */
const BYTES_PER_ROW = 150;
const TABLES = ['a', 'b', 'c', 'd'];

type Contender = 'file' | 'peer' | 'ours' | 'bareBack' | 'peerBack' | 'oursBack';
type Seconds = Readonly<Record<Contender, number>>;

export async function measureDumps(): Promise<readonly Claim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  const tools = await realToolchain();
  const helm = (await tools.resolveTool('helm')).path;
  const server = await openChartServer('postgres', folder, helm, { loud: false });
  if (typeof server === 'string') {
    console.log(`  not measured: ${server}`);
    return [];
  }
  const bench = await openDumpBench(folder, {
    rclone: (await tools.resolveTool('rclone')).path,
    versitygw: (await tools.resolveTool('versitygw')).path,
  });
  try {
    const memory = watchMemory(['psql', 'pg_dump', 'pg_dumpall', 'pg_restore', 'postgres']);
    const arena = { folder, server, bench, memory };
    await sql(server, 'create database shop;');
    const empty = await rounds(arena, '20261101');
    await fill(server, Math.round((MEGABYTES * 1024 * 1024) / BYTES_PER_ROW / TABLES.length));
    const full = await rounds(arena, '20261102');
    return claims(empty, full, memory);
  } finally {
    await bench.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function claims(empty: readonly Seconds[], full: readonly Seconds[], memory: MemoryWatch): readonly Claim[] {
  const fixed = (who: Contender): number => median(empty.map((seconds) => seconds[who]));
  const content = (one: Contender, other: Contender): number =>
    median(full.map((seconds) => (seconds[one] - fixed(one)) / (seconds[other] - fixed(other))));
  const whole = (one: Contender, other: Contender): number =>
    median(full.map((seconds) => seconds[one] / seconds[other]));
  for (const who of ['file', 'peer', 'ours', 'bareBack', 'peerBack', 'oursBack'] as const) {
    const seconds = median(full.map((one) => one[who]));
    console.log(`  ${who.padEnd(9)} ${seconds.toFixed(2)} s, ${fixed(who).toFixed(2)} s of them without content`);
  }
  console.log(`  memory at its highest: ${memory.told()}`);
  return [
    {
      what: `${MEGABYTES} MB out, against pg_dump | zstd | rclone`,
      value: content('ours', 'peer'),
      unit: '×',
      goal: 1.1,
    },
    { what: 'the same with the start of programs', value: whole('ours', 'peer'), unit: '×' },
    { what: 'against pg_dump | zstd into a file', value: content('ours', 'file'), unit: '×' },
    { what: 'what encryption and upload alone add to that file', value: content('peer', 'file'), unit: '×' },
    {
      what: 'and back, against zstd, pg_restore -j 2, analyze',
      value: content('oursBack', 'peerBack'),
      unit: '×',
      goal: 1.1,
    },
    { what: 'the same with the start of programs', value: whole('oursBack', 'peerBack'), unit: '×' },
    { what: 'against zstd and pg_restore -j 2 alone', value: content('oursBack', 'bareBack'), unit: '×' },
    { what: 'memory besides the database and its tools', value: memory.megabytes(), unit: 'MB', goal: 100 },
  ];
}

interface Arena {
  readonly folder: string;
  readonly server: ChartServer;
  readonly bench: DumpBench;
  readonly memory: MemoryWatch;
}

/** In turn, so that a machine that slows down slows all of them. */
async function rounds(arena: Arena, day: string): Promise<readonly Seconds[]> {
  const all: Seconds[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await oneRound(arena, `${day}T03000${round}Z`));
  return all;
}

async function oneRound({ folder, server, bench, memory }: Arena, id: string): Promise<Seconds> {
  const tools = `${server.client['PATH']}:${bench.remote['PATH']}`;
  // Nobody pays for what another one left to be written.
  const settled = (): Promise<void> => sql(server, 'checkpoint;');
  const sh = async (script: string): Promise<number> => {
    await settled();
    return timed(() =>
      run('sh', ['-c', script], { ...bench.remote, ...server.client, PATH: tools, LC_ALL: 'C.UTF-8' }),
    );
  };
  const file = await sh(`pg_dump -Fc -Z0 shop | zstd -q -f -o ${folder}/plain.zst`);
  const peer = await sh(`pg_dump -Fc -Z0 shop | zstd -q | rclone -q rcat dumps:peer/shop.zst`);
  await settled();
  const ours = await timed(async () => {
    const { dump, store } = await bench.dump(server, {
      id,
      onStart: (sides) => memory.begin([sides.dump.pid ?? 0, sides.store.pid ?? 0]),
    });
    memory.end();
    if (dump.exitCode !== 0 || store.exitCode !== 0) throw new Error(dump.stderr + store.stderr);
  });
  const watched = (side: ChildProcess): void => memory.begin([side.pid ?? 0]);
  const fetched = await bench.fetch(server, id, {}, watched);
  memory.end();
  if (fetched.exitCode !== 0) throw new Error(fetched.stderr);
  const manifest = (await bench.manifest('postgres', id)) as { databases: { name: string; file: string }[] };
  const number = manifest.databases.find(({ name }) => name === 'shop')!.file.slice(0, 3);
  await sh(`psql -qd postgres -c 'create database plain'`);
  const unpack = `zstd -qdf ${folder}/plain.zst -o ${folder}/plain.dump`;
  const bareBack = await sh(`${unpack} && pg_restore -j 2 -d plain ${folder}/plain.dump`);
  const peerBack = bareBack + (await sh(`psql -qd plain -c analyze`));
  await settled();
  const oursBack = await timed(async () => {
    const outcome = await fetched.restore([[number, 'ours']], { JOBS: '2' }, watched);
    memory.end();
    if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
  });
  await sql(server, 'drop database plain;');
  await sql(server, 'drop database ours;');
  return { file, peer, ours, bareBack, peerBack, oursBack };
}

async function fill(server: ChartServer, rows: number): Promise<void> {
  for (const table of TABLES) {
    await sql(
      server,
      `create table ${table} as select i as id, i % 1000 as customer, md5(i::text) as code, repeat('word ', 8) as words from generate_series(1, ${rows}) i; alter table ${table} add primary key (id); create index on ${table} (customer);`,
      'shop',
    );
    // As the server's own cleaning leaves what has been there for longer than a minute.
    await sql(server, `vacuum analyze ${table};`, 'shop');
  }
}

async function sql(server: ChartServer, statements: string, database?: string): Promise<void> {
  const { exitCode, stderr } = await server.admin(statements, database);
  if (exitCode !== 0) throw new Error(stderr);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${String(code)}`)),
    );
  });
}
