/** Which backup a restore takes: the newest whole one, the one that was named, or what was backed up beside that one. Pure. */
import { FailedError, UserError } from '../errors.ts';
import { BACKUP_OF } from '../model/backup-label.ts';
import { isNewer, momentOf, type DumpManifest } from './manifest.ts';
import type { Dump } from './store.ts';
import type { Subject } from './subject.ts';
import { VELERO_NAMESPACE, type VeleroBackup } from '../cluster/velero.ts';

/** What a person asks for. */
export interface Wish {
  /** Whose backups: this environment's own, unless another is named. */
  readonly of: string;
  /** The id of a backup of Velero's or of a dump. What the other kind holds is then taken from the same time. */
  readonly from?: string | undefined;
}

/** When the named backup was made. Throws UserError when there is none of that name. */
export function momentNamed(
  from: string | undefined,
  backups: readonly VeleroBackup[],
  dumps: readonly Dump[],
): Date | undefined {
  if (from === undefined) return undefined;
  const backup = backups.find(({ name }) => name === from);
  if (backup !== undefined) return new Date(backup.startedAt);
  const dump = dumps.find(({ id }) => id === from);
  if (dump !== undefined) return momentOf(dump.id);
  throw new UserError('backup.unknown', {
    message: `There is no backup ${from}.`,
    hints: ['`ffops backup list` shows what there is.'],
  });
}

/** Throws FailedError saying why none of them, or not the named one, can be restored. */
export function chooseObjects(
  backups: readonly VeleroBackup[],
  { name, namespaces }: Pick<Subject, 'name' | 'namespaces'>,
  { of, from }: Wish,
  near: Date | undefined,
  now: Date,
): VeleroBackup {
  const lacks = (backup: VeleroBackup): readonly string[] =>
    backup.namespaces.includes('*') ? [] : namespaces.filter((one) => !backup.namespaces.includes(one));
  const named = backups.find((backup) => backup.name === from);
  if (named !== undefined) {
    if (lacks(named).length > 0) {
      throw new UserError('backup.notInIt', {
        message: `${named.name} holds ${named.namespaces.join(', ')}, and not ${lacks(named).join(', ')}.`,
        hints: ['`ffops backup list` shows what each holds.'],
      });
    }
    refuseAnothers(named.name, named.of, of);
    refuseUnfit(named, now);
    return named;
  }
  const covering = backups.filter((backup) => lacks(backup).length === 0);
  const own = covering.filter((backup) => backup.of === of);
  const whole = own.filter((backup) => backup.phase === 'Completed' && !isExpired(backup, now));
  const chosen = nearest(whole, ({ startedAt }) => new Date(startedAt), near);
  if (chosen !== undefined) return chosen;
  const [spoilt] = own;
  throw new FailedError('backup.noneWhole', {
    message: `There is no whole backup of ${name} of ${of} to restore from.`,
    hints:
      spoilt === undefined
        ? [
            `\`ffops backup create ${name}\` makes one.`,
            ...othersHint(
              covering.map((one) => one.of),
              of,
            ),
          ]
        : [`The newest, ${spoilt.name}, is ${spoilt.phase}: \`ffops backup list\` says why.`],
  });
}

/** Of those, newest first. */
function nearest<One>(all: readonly One[], madeAt: (one: One) => Date | undefined, near: Date | undefined) {
  if (near === undefined) return all[0];
  const distance = (one: One): number => Math.abs((madeAt(one)?.getTime() ?? 0) - near.getTime());
  return [...all].sort((a, b) => distance(a) - distance(b))[0];
}

/** What another environment left in a bucket, or under a server, that both can see. */
function refuseAnothers(id: string, made: string | undefined, of: string): void {
  if (made === of) return;
  if (made === undefined) {
    throw new UserError('backup.nobodys', {
      message: `Nobody has written on ${id} whose backup it is.`,
      hints: [
        `When it is one of ${of}: \`ffops kube -- label backups.velero.io ${id} -n ${VELERO_NAMESPACE} ${BACKUP_OF}=${of}\`.`,
      ],
    });
  }
  throw new UserError('backup.anothers', {
    message: `${id} is a backup of ${made}, and not of ${of}.`,
    hints: [`When that is what you want here: --of ${made}`, '`ffops backup list` shows whose each is.'],
  });
}

function othersHint(owners: readonly (string | undefined)[], of: string): readonly string[] {
  const others = [...new Set(owners)].filter((owner) => owner !== undefined && owner !== of);
  return others.length === 0
    ? []
    : [`There are backups of ${others.join(', ')}: \`--of ${others[0]}\` restores from those.`];
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
  { of, from }: Wish,
  near: Date | undefined,
  serverVersion: string | undefined,
): DumpManifest {
  const named = dumps.find(({ id }) => id === from);
  if (named?.manifest !== undefined)
    refuseAnothers(`The dump ${named.id} of ${engine}`, named.manifest.environment, of);
  // One without a manifest does not say whose it is.
  const own = dumps.filter(({ manifest }) => manifest === undefined || manifest.environment === of);
  const whole = own.filter(({ trouble }) => trouble === undefined);
  const chosen = named ?? nearest(whole, ({ id }) => momentOf(id), near);
  if (chosen === undefined) {
    const [newest] = own;
    const owners = dumps.map(({ manifest }) => manifest?.environment);
    throw new FailedError('backup.noDump', {
      message: `There is no whole dump of ${engine} of ${of} to restore from.`,
      hints:
        newest === undefined
          ? [`\`ffops backup create ${engine}\` makes one.`, ...othersHint(owners, of)]
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
  if (serverVersion !== undefined && isNewer(chosen.manifest.engine, version, serverVersion)) {
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
