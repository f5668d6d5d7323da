/**
 * The dumps of PostgreSQL against its own tools, side by side: out to an S3 server, encrypted and counted, against
 * `pg_dump | zstd` to a file; back from what was fetched, counted and swapped, against `pg_restore` of as many workers.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChartServer } from '../test/support/chart-servers.ts';
import { openDumpBench } from '../test/support/dump-scripts.ts';
import { realToolchain } from '../test/support/toolchain.ts';
import { median, type Claim } from './measure.ts';

const MEGABYTES = Number(process.env['FFOPS_BENCH_DUMP_MB'] ?? 1024);
const ROUNDS = 3;
/** Two numbers, a random text and a repeated one: about as compressible as a shop. */
const BYTES_PER_ROW = 150;

export async function measureDumps(): Promise<readonly Claim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  const tools = await realToolchain();
  const helm = (await tools.resolveTool('helm')).path;
  const server = await openChartServer('postgres', folder, helm, { loud: false });
  if (typeof server === 'string') {
    console.log(`  not measured: ${server}`);
    return [];
  }
  const sql = async (statements: string, database?: string): Promise<void> => {
    const { exitCode, stderr } = await server.admin(statements, database);
    if (exitCode !== 0) throw new Error(stderr);
  };
  const bench = await openDumpBench(folder, {
    rclone: (await tools.resolveTool('rclone')).path,
    versitygw: (await tools.resolveTool('versitygw')).path,
  });
  try {
    const rows = Math.round((MEGABYTES * 1024 * 1024) / BYTES_PER_ROW / 4);
    await sql('create database shop;');
    for (const table of ['a', 'b', 'c', 'd']) {
      await sql(
        `create table ${table} as select i as id, i % 1000 as customer, md5(i::text) as code, repeat('word ', 8) as words from generate_series(1, ${rows}) i; alter table ${table} add primary key (id); create index on ${table} (customer);`,
        'shop',
      );
    }
    const path = `${server.client['PATH']}:${process.env['PATH'] ?? ''}`;
    const variables = { ...process.env, ...server.client, PATH: path, LC_ALL: 'C.UTF-8' };
    const sh = (script: string): Promise<number> => timed(() => run('sh', ['-c', script], variables));
    const plainOut: number[] = [];
    const ours: number[] = [];
    const plainBack: number[] = [];
    const oursBack: number[] = [];
    let megabytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const id = `2026112${String(round)}T030000Z`;
      plainOut.push(await sh(`pg_dump -Fc -Z0 shop | zstd -q -f -o ${folder}/plain.zst`));
      ours.push(
        await timed(async () => {
          let watch: NodeJS.Timeout | undefined;
          const { dump, store } = await bench.dump(server, {
            id,
            onStart: (sides) => {
              watch = setInterval(() => {
                megabytes = Math.max(megabytes, besidesTheDatabase([sides.dump.pid ?? 0, sides.store.pid ?? 0]));
              }, 50);
            },
          });
          clearInterval(watch);
          if (dump.exitCode !== 0 || store.exitCode !== 0) throw new Error(dump.stderr + store.stderr);
        }),
      );
      const fetched = await bench.fetch(server, id);
      if (fetched.exitCode !== 0) throw new Error(fetched.stderr);
      const manifest = (await bench.manifest('postgres', id)) as { databases: { name: string; file: string }[] };
      const file = manifest.databases.find(({ name }) => name === 'shop')!.file.slice(0, 3);
      plainBack.push(
        await sh(
          `psql -qd postgres -c 'drop database if exists plain' -c 'create database plain' && zstd -qdf ${folder}/plain.zst -o ${folder}/plain.dump && pg_restore -j 2 -d plain ${folder}/plain.dump`,
        ),
      );
      oursBack.push(
        await timed(async () => {
          const outcome = await fetched.restore([[file, 'ours']], { JOBS: '2' });
          if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
        }),
      );
      await sql('drop database plain;');
      await sql('drop database ours;');
    }
    return [
      {
        what: `${MEGABYTES} MB out, against pg_dump | zstd to a file`,
        value: median(ours) / median(plainOut),
        unit: '×',
        goal: 1.1,
      },
      {
        what: 'and back, against zstd and pg_restore -j 2',
        value: median(oursBack) / median(plainBack),
        unit: '×',
        goal: 1.1,
      },
      { what: 'memory besides the database and its tools', value: megabytes, unit: 'MB', goal: 100 },
    ];
  } finally {
    await bench.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
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

const databaseTools = new Set(['psql', 'pg_dump', 'pg_dumpall', 'postgres']);

/** Resident megabytes of these processes and all below them, but for the database's own tools. */
function besidesTheDatabase(roots: readonly number[]): number {
  const all = readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const match = /^(\d+) \((.*)\) \S (\d+)/.exec(stat);
      const resident = Number(readFileSync(`/proc/${name}/statm`, 'utf8').split(' ')[1]) * 4096;
      return match === null
        ? []
        : [{ pid: Number(match[1]), name: match[2] ?? '', parent: Number(match[3]), resident }];
    } catch {
      return [];
    }
  });
  const below = new Set(roots);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  const bytes = all
    .filter(({ pid, name }) => below.has(pid) && !databaseTools.has(name))
    .reduce((sum, { resident }) => sum + resident, 0);
  return bytes / 1024 / 1024;
}
