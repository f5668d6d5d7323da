/** Databases from a dump, put back or tried, by a Job where their server is; and what it counted, against the manifest. */
import { DATABASES_NAMESPACE } from '../catalogue/databases.ts';
import { jobsOf } from '../catalogue/dumps/entry.ts';
import { objects } from '../cluster/ask.ts';
import { FailedError } from '../errors.ts';
import { CANNOT_RUN, podsRun, type BackupDeps, type Tell } from './hands.ts';
import { lastWords, runJob } from './jobs.ts';
import { makingOf, type DumpedDatabase, type DumpManifest } from './manifest.ts';
import type { Engine } from './subject.ts';
import { checkDatabase, readCounts, type DatabaseCheck } from './verify.ts';

export interface DumpRestoreWish {
  readonly manifest: DumpManifest;
  readonly databases: readonly DumpedDatabase[];
  /** Of the Job: the same again joins it. */
  readonly name: string;
  /** Counted, and thrown away. */
  readonly trial: boolean;
}

export type DumpRestoreEnd =
  | { readonly kind: 'done'; readonly checks: readonly DatabaseCheck[] }
  | { readonly kind: 'notRun'; readonly reason: string }
  | { readonly kind: 'left' };

/** Throws FailedError with the Job's last words. */
export async function restoreDump(deps: BackupDeps, wish: DumpRestoreWish, tell: Tell): Promise<DumpRestoreEnd> {
  if (!podsRun(deps)) return { kind: 'notRun', reason: CANNOT_RUN };
  const { manifest, databases } = wish;
  const end = await runJob(
    deps,
    {
      namespace: DATABASES_NAMESPACE,
      cronJob: jobsOf(manifest.engine).restore,
      name: wish.name,
      variables: {
        ID: manifest.id,
        FILES: ['globals.sql.zst', ...databases.flatMap((one) => [makingOf(one), one.file])].join(' '),
        RESTORES: databases
          .map(({ file, name }) => `${file.slice(0, 3)} ${Buffer.from(name).toString('base64')}`)
          .join('\n'),
        ...(wish.trial && { TRIAL: 'yes' }),
      },
      scratchBytes: scratchFor(databases),
    },
    tell,
  );
  if (end.kind === 'left') return end;
  if (end.kind === 'failed') {
    throw new FailedError('backup.dumpNotRestored', {
      message: [
        `The dump ${manifest.id} of ${manifest.engine} could not be restored: ${end.reason}`,
        ...lastWords(end.log),
      ].join('\n'),
      hints: ['What PostgreSQL had is still there; MariaDB is filled in place, and done again from the beginning.'],
    });
  }
  const counted = readCounts(end.log);
  return {
    kind: 'done',
    checks: databases.map((wanted) =>
      checkDatabase(
        wanted,
        counted.findLast(({ name }) => name === wanted.name),
      ),
    ),
  };
}

/** All of what is fetched, and beside it the largest one unpacked. */
function scratchFor(databases: readonly DumpedDatabase[]): number {
  const fetched = databases.reduce((sum, { bytes }) => sum + bytes, 0);
  return Math.ceil((fetched + Math.max(0, ...databases.map(({ size }) => size))) * 1.2);
}

/** Of the image that the server's dumps are made with; undefined where the chart is not installed. */
export async function serverVersion(deps: BackupDeps, engine: Engine): Promise<string | undefined> {
  const fields = `metadata.name=${jobsOf(engine).restore}`;
  const [found] = await objects(deps.run, await deps.pin(), ['cronjobs.batch'], {
    namespace: DATABASES_NAMESPACE,
    fields,
  });
  const image = new RegExp(`/${engine}:(\\d+(?:\\.\\d+)*)`).exec(JSON.stringify(found?.['spec'] ?? ''));
  return image?.[1];
}
