/** Which backup a restore takes: the newest whole one, or the one that was named, when it is fit for it. Pure. */
import { FailedError, UserError } from '../errors.ts';
import { isNewer, momentOf, type DumpManifest } from './manifest.ts';
import type { Dump } from './store.ts';
import type { Subject } from './subject.ts';
import type { VeleroBackup } from '../cluster/velero.ts';

/** Throws FailedError saying why none of them, or not the named one, can be restored. */
export function chooseObjects(
  backups: readonly VeleroBackup[],
  { name, namespaces }: Pick<Subject, 'name' | 'namespaces'>,
  from: string | undefined,
  now: Date,
): VeleroBackup {
  const covers = (backup: VeleroBackup): boolean =>
    backup.namespaces.includes('*') || namespaces.every((one) => backup.namespaces.includes(one));
  const named = from === undefined ? undefined : backups.find((backup) => backup.name === from);
  if (named !== undefined) {
    const missing = namespaces.filter((one) => !named.namespaces.includes(one) && !named.namespaces.includes('*'));
    if (missing.length > 0) {
      throw new UserError('backup.notInIt', {
        message: `${named.name} holds ${named.namespaces.join(', ')}, and not ${missing.join(', ')}.`,
        hints: ['`ffops backup list` shows what each holds.'],
      });
    }
    refuseUnfit(named, now);
    return named;
  }
  const newest = backups.find((backup) => covers(backup) && backup.phase === 'Completed' && !isExpired(backup, now));
  if (newest !== undefined) return newest;
  const spoilt = backups.find(covers);
  throw new FailedError('backup.noneWhole', {
    message: `There is no whole backup of ${name} to restore from.`,
    hints:
      spoilt === undefined
        ? [`\`ffops backup create ${name}\` makes one.`]
        : [`The newest, ${spoilt.name}, is ${spoilt.phase}: \`ffops backup list\` says why.`],
  });
}

function isExpired({ expires }: VeleroBackup, now: Date): boolean {
  return expires !== undefined && Date.parse(expires) <= now.getTime();
}

function refuseUnfit(backup: VeleroBackup, now: Date): void {
  if (isExpired(backup, now)) {
    throw new FailedError('backup.expired', {
      message: `${backup.name} has expired (${backup.expires}): its content may be gone in part.`,
      hints: ['Choose a younger one: `ffops backup list`.'],
    });
  }
  if (backup.phase === 'Completed') return;
  throw new FailedError('backup.partial', {
    message: `${backup.name} is not whole: Velero calls it ${backup.phase}, with ${backup.errors} errors.`,
    hints: [
      'Choose another one: `ffops backup list`.',
      "Or restore from it by hand: `ffops kube --`, with Velero's own `Restore`.",
    ],
  });
}

/** Throws FailedError saying why none of them, or not the named one, can be restored by a server of this version. */
export function chooseDump(
  dumps: readonly Dump[],
  engine: string,
  from: string | undefined,
  serverVersion: string | undefined,
): DumpManifest {
  const wished = from === undefined || momentOf(from) === undefined ? undefined : dumps.find(({ id }) => id === from);
  const chosen = wished ?? dumps.find(({ trouble }) => trouble === undefined);
  if (chosen === undefined) {
    const newest = dumps[0];
    throw new FailedError('backup.noDump', {
      message: `There is no whole dump of ${engine} to restore from.`,
      hints:
        newest === undefined
          ? [`\`ffops backup create ${engine}\` makes one.`]
          : [`The newest, ${newest.id}, is ${newest.trouble}.`],
    });
  }
  if (chosen.manifest === undefined || chosen.trouble !== undefined) {
    throw new FailedError('backup.unfitDump', {
      message: `The dump ${chosen.id} of ${engine} cannot be restored: ${chosen.trouble}.`,
      hints: ['Choose another one: `ffops backup list`.'],
    });
  }
  const { version } = chosen.manifest;
  if (serverVersion !== undefined && isNewer(version.split('.')[0] ?? '', serverVersion.split('.')[0] ?? '')) {
    throw new FailedError('backup.newerVersion', {
      message: `The dump ${chosen.id} was written by ${engine} ${version}, and ${serverVersion} runs: dumps go forward, never back.`,
      hints: [`Raise \`databases.${engine}.version\`, apply, and restore again.`],
    });
  }
  return chosen.manifest;
}

/** Throws UserError when the dump has no such database. */
export function numbersOf(manifest: DumpManifest, databases: readonly string[] | undefined): DumpManifest['databases'] {
  if (databases === undefined) return manifest.databases;
  const missing = databases.filter((name) => !manifest.databases.some((one) => one.name === name));
  if (missing.length === 0) return manifest.databases.filter(({ name }) => databases.includes(name));
  throw new UserError('backup.noDatabase', {
    message: `The dump ${manifest.id} of ${manifest.engine} has no database ${missing.join(', ')}.`,
    hints: [`It has ${manifest.databases.map(({ name }) => name).join(', ')}.`],
  });
}
