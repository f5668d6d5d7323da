/** The scripts of charts/dumps as their pods run them, side by side, with the real rclone and a real S3 server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChartServer } from './chart-servers.ts';
import { startObjectStorage, type ObjectStorage } from '../../src/sandbox/object-storage.ts';

const scripts = fileURLToPath(new URL('../../charts/dumps/files/', import.meta.url));
export const BUCKET = 'shop-prod-backups';
export const ACCESS_KEY = 'dumps-test-access';
export const SECRET_KEY = 'dumps-test-secret-key';
export const DUMPS_KEY = 'a key that only the environment has';

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Restored {
  readonly name: string;
  readonly tables: Readonly<Record<string, number>>;
  readonly largeObjects?: number;
}

export interface DumpOptions {
  readonly id: string;
  readonly retentionDays?: number;
  /** What the clock shows, for the store's side. */
  readonly now?: Date;
  /** A command of rclone's that fails on the store's side, as when the bucket does not answer for a while. */
  readonly failing?: string;
  /** Told when both sides run. */
  readonly onStart?: (sides: { readonly dump: ChildProcess; readonly store: ChildProcess }) => void;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface DumpBench {
  readonly endpoint: string;
  readonly bucketFolder: string;
  dump(server: ChartServer, options: DumpOptions): Promise<{ readonly dump: Ended; readonly store: Ended }>;
  fetch(
    server: ChartServer,
    id: string,
    variables?: Readonly<Record<string, string>>,
    onStart?: (side: ChildProcess) => void,
  ): Promise<Fetched>;
  /** Whole backups and rests, as the bucket has them. */
  list(engine: string): Promise<readonly string[]>;
  manifest(engine: string, id: string): Promise<unknown>;
  rclone(...args: readonly string[]): Promise<Ended>;
  /** What rclone reaches the encrypted remote `dumps:` with, itself included. */
  readonly remote: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface Fetched extends Ended {
  restore(
    targets: readonly (readonly [file: string, name: string])[],
    variables?: Readonly<Record<string, string>>,
    onStart?: (side: ChildProcess) => void,
  ): Promise<Ended & { readonly restored: readonly Restored[] }>;
}

export interface BenchTools {
  readonly rclone: string;
  readonly versitygw: string;
}

export async function openDumpBench(folder: string, tools: BenchTools): Promise<DumpBench> {
  const storage = await openStorage(folder, tools.versitygw);
  // The scripts find rclone, and later a clock of the test's own, where their images have them: on the path.
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const path = (...before: readonly (string | undefined)[]): string =>
    [...before, dirname(tools.rclone), process.env['PATH']].filter((one) => one !== undefined).join(':');
  const remotes = {
    HOME: folder,
    DUMPS_KEY,
    RCLONE_CONFIG_DUMPS_TYPE: 'crypt',
    RCLONE_CONFIG_DUMPS_REMOTE: `bucket:${BUCKET}/dumps`,
    RCLONE_CONFIG_DUMPS_FILENAME_ENCRYPTION: 'off',
    RCLONE_CONFIG_DUMPS_DIRECTORY_NAME_ENCRYPTION: 'false',
    RCLONE_CONFIG_DUMPS_SUFFIX: 'none',
    RCLONE_CONFIG_BUCKET_TYPE: 's3',
    RCLONE_CONFIG_BUCKET_PROVIDER: 'Other',
    RCLONE_CONFIG_BUCKET_ENDPOINT: storage.endpoint,
    RCLONE_CONFIG_BUCKET_REGION: storage.region,
    RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET: 'true',
    RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID: ACCESS_KEY,
    RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: SECRET_KEY,
  };
  const scrambled = (await ended(start('rclone', ['obscure', '-'], { PATH: path() }, `${DUMPS_KEY}\n`))).stdout.trim();
  const remote = { PATH: path(), RCLONE_CONFIG: '/dev/null', ...remotes, RCLONE_CONFIG_DUMPS_PASSWORD: scrambled };
  const rclone: DumpBench['rclone'] = (...args) => ended(start('rclone', args, remote));
  mkdirSync(join(folder, 'storage', 'buckets', BUCKET), { recursive: true });

  const exchange = (): string => mkdtempSync(join(folder, 'exchange-'));

  return {
    endpoint: storage.endpoint,
    bucketFolder: join(folder, 'storage', 'buckets', BUCKET),
    rclone,
    remote,
    async dump(server, options) {
      const shared = exchange();
      const base = { EXCHANGE: shared, ENVIRONMENT: 'shop-prod', ...options.variables };
      const store = start('sh', [join(scripts, 'store.sh'), 'keep'], {
        ...remotes,
        PATH: path(
          options.now && clockAt(join(programs, 'clock'), options.now),
          options.failing && failingAt(join(programs, 'failing'), tools.rclone, options.failing),
        ),
        DUMPS: `dumps:${server.engine}`,
        RETENTION_DAYS: String(options.retentionDays ?? 30),
        ...base,
      });
      const dump = start('sh', [join(scripts, `dump-${server.engine}.sh`)], {
        LC_ALL: 'C.UTF-8',
        ID: options.id,
        ...server.client,
        PATH: path(server.client['PATH']),
        ...base,
      });
      options.onStart?.({ dump, store });
      const [dumped, stored] = await Promise.all([ended(dump), ended(store)]);
      rmSync(shared, { recursive: true });
      return { dump: dumped, store: stored };
    },
    async fetch(server, id, variables = {}, onStart = undefined) {
      const shared = exchange();
      const fetching = start('sh', [join(scripts, 'store.sh'), 'fetch'], {
        ...remotes,
        PATH: path(),
        EXCHANGE: shared,
        DUMPS: `dumps:${server.engine}`,
        ID: id,
        ...variables,
      });
      onStart?.(fetching);
      const fetched = await ended(fetching);
      return {
        ...fetched,
        restore: async (targets, more = {}, onRestore = undefined) => {
          const restores = targets.map(([file, name]) => `${file} ${Buffer.from(name).toString('base64')}`).join('\n');
          const restoring = start('sh', [join(scripts, `restore-${server.engine}.sh`)], {
            LC_ALL: 'C.UTF-8',
            EXCHANGE: shared,
            RESTORES: restores,
            ...server.client,
            PATH: path(server.client['PATH']),
            ...more,
          });
          onRestore?.(restoring);
          const outcome = await ended(restoring);
          const restored = outcome.stdout
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Restored);
          return { ...outcome, restored };
        },
      };
    },
    list: async (engine) => {
      const listed = await rclone('lsf', `dumps:${engine}`);
      return listed.stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/\/$/, '')]));
    },
    manifest: async (engine, id) => {
      const { stdout, stderr } = await rclone('cat', `dumps:${engine}/${id}/manifest.json`);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as unknown;
    },
    close: async () => {
      await storage.part.stop();
    },
  };
}

async function openStorage(folder: string, program: string): Promise<ObjectStorage> {
  const runtime = join(folder, 'runtime');
  const logs = join(folder, 'logs');
  for (const one of [runtime, logs]) mkdirSync(one);
  return startObjectStorage({
    program,
    home: { runtime, logs, log: () => undefined },
    folder: join(folder, 'storage'),
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
  });
}

/** A folder with a `date` that shows another time and otherwise is the real one. */
function clockAt(folder: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return standIn(folder, 'date', `[ "$*" = +%s ] && exec echo ${seconds}\nexec /bin/date "$@"`);
}

/** A folder with an rclone that fails at one command and otherwise is the real one. */
function failingAt(folder: string, rclone: string, command: string): string {
  return standIn(folder, 'rclone', `[ "$1" = ${command} ] && { echo 'no answer' >&2; exit 1; }\nexec ${rclone} "$@"`);
}

function standIn(folder: string, program: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, program);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return folder;
}

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin?: string,
): ChildProcess {
  const child = spawn(program, [...args], { env, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.end(stdin);
  return child;
}

function ended(child: ChildProcess): Promise<Ended> {
  const streams = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => void (streams[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...streams }));
  });
}

/** Every file below, for looking for what must not be there. */
export function contentBelow(folder: string): readonly Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
