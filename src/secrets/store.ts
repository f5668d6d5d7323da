/**
 * An environment's secrets: a sops file whose names anyone can read and whose values only age identities open. Values are
 * decrypted into memory; nothing is ever written in clear, and a file that cannot be opened is an error, never empty.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { FailedError, UserError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { Outcome } from '../ports/runner.ts';
import type { RunTool } from '../tools/call.ts';
import { isLocked } from '../tools/age.ts';
import * as sops from '../tools/sops.ts';
import { readEncrypted, type EncryptedDocument } from './document.ts';
import type { SecretsPlace } from './place.ts';

export interface SecretStore {
  readonly place: SecretsPlace;
  exists(): Promise<boolean>;
  /** What anyone can read of it. Throws UserError when there is no file, or when it is damaged. */
  document(): Promise<EncryptedDocument>;
  /** Every value. Throws UserError when there is no file, no identity that opens it, or when it is damaged. */
  values(): Promise<ReadonlyMap<string, Secret>>;
  /** Makes the file when there is none; otherwise only these values change. Throws as `values` does. */
  write(values: ReadonlyMap<string, Secret>): Promise<void>;
  /** Hands the terminal over to the user's editor. False when nothing was changed. */
  edit(): Promise<boolean>;
}

export interface StoreHands {
  readonly files: Files;
  readonly clock: Clock;
  readonly run: RunTool;
  /** The process' own variables: SOPS_AGE_KEY is how pipelines hand an identity over. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const LONGEST_RUN_MS = 10 * 60_000;

const namePattern = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/** Throws UserError when it cannot be the name of a secret. */
export function checkName(name: string): void {
  if (namePattern.test(name) && name !== 'sops') return;
  throw new UserError('secrets.badName', {
    message: `"${name}" is not a name for a secret.`,
    hints: ['Names look like digitalocean.token: letters, digits, dots, hyphens and underscores.'],
  });
}

/** The code of the error when an environment has no file of secrets yet. */
export const SECRETS_FILE_MISSING = 'secrets.missing';

export function openStore(hands: StoreHands, place: SecretsPlace): SecretStore {
  const { files, run } = hands;
  let opened: Promise<ReadonlyMap<string, Secret>> | undefined;

  const access = (): Promise<sops.SopsAccess> => accessOf(hands, place);

  async function text(): Promise<string> {
    const content = await files.read(place.secretsFile);
    if (content !== undefined) return content;
    throw new UserError(SECRETS_FILE_MISSING, {
      message: `There is no ${place.title} yet.`,
      hints: [`Make it with \`ffops secrets init ${place.flags}\`.`],
    });
  }

  async function open(): Promise<ReadonlyMap<string, Secret>> {
    const { recipients } = readEncrypted(await text(), place.title);
    const outcome = await run('sops', sops.decrypt(await access(), place.secretsFile));
    if (outcome.exitCode !== 0) throw refusal(outcome, place, recipients);
    return readable(sops.parseDocument(outcome.stdout), place);
  }

  async function encryptAnew(values: ReadonlyMap<string, Secret>): Promise<void> {
    const document = new Secret(
      JSON.stringify(Object.fromEntries([...values].map(([name, value]) => [name, value.reveal()]))),
    );
    // JSON is YAML; sops writes its own layout.
    const outcome = await run('sops', sops.encrypt(await access(), place.secretsFile, document));
    if (outcome.exitCode !== 0) throw refusal(outcome, place, []);
    await replace(undefined, outcome.stdout);
  }

  /** Whoever saved while we worked keeps what they saved. Throws UserError then. */
  async function replace(seen: string | undefined, content: string): Promise<void> {
    if ((await files.read(place.secretsFile)) === seen) return files.write(place.secretsFile, content);
    throw new UserError('secrets.changedMeanwhile', {
      message: `${place.title} was changed by somebody else in this very moment; what you gave was not saved.`,
      hints: ['Run the same command again: it adds to what is there now.'],
    });
  }

  /** sops rewrites a file in place and would leave half of it when killed: it works on a copy, ciphertext as well. */
  async function change(values: ReadonlyMap<string, Secret>): Promise<void> {
    const [folder, start] = [dirname(place.secretsFile), `.${basename(place.secretsFile, '.yaml')}.`];
    await sweep(folder, start);
    const copy = join(folder, `${start}${randomUUID()}.yaml`);
    try {
      const seen = await text();
      await files.write(copy, seen, { mode: 0o600 });
      for (const [name, value] of values) {
        const outcome = await run('sops', sops.setValue(await access(), copy, name, value));
        if (outcome.exitCode !== 0) throw refusal(outcome, place, readEncrypted(seen, place.title).recipients);
      }
      const changed = await files.read(copy);
      if (changed !== undefined) await replace(seen, changed);
    } finally {
      await files.remove(copy);
    }
  }

  /** Copies of runs that were killed; a run of now is younger. */
  async function sweep(folder: string, start: string): Promise<void> {
    for (const name of (await files.list(folder)).filter((one) => one.startsWith(start))) {
      const path = join(folder, name);
      const age = hands.clock.now().getTime() - ((await files.info(path))?.modifiedMs ?? Infinity);
      if (age > LONGEST_RUN_MS) await files.remove(path);
    }
  }

  return {
    place,
    exists: async () => (await files.info(place.secretsFile)) !== undefined,
    document: async () => readEncrypted(await text(), place.title),
    values: () => (opened ??= open()),
    write: async (values) => {
      for (const name of values.keys()) checkName(name);
      if (values.size === 0) return;
      if ((await files.info(place.secretsFile)) === undefined) await encryptAnew(values);
      else await change(values);
      opened = undefined;
    },
    edit: async () => {
      await text();
      const folder = await memoryFolder(hands);
      const outcome = await run('sops', sops.edit(await access(), place.secretsFile, folder));
      opened = undefined;
      if (outcome.exitCode === sops.SopsExit.notModified) return false;
      if (outcome.exitCode !== 0) throw refusal(outcome, place, readEncrypted(await text(), place.title).recipients);
      return true;
    },
  };
}

/** Throws UserError when the identity is one that asks for a passphrase. */
export async function accessOf(hands: StoreHands, place: SecretsPlace): Promise<sops.SopsAccess> {
  const key = place.home === undefined ? hands.variables['SOPS_AGE_KEY'] : undefined;
  const identity = await hands.files.read(place.ageKeyFile);
  if (identity !== undefined) refuseLocked(new Secret(identity), place);
  return {
    ageKeyFile: identity === undefined ? undefined : place.ageKeyFile,
    ...(key === undefined || key === '' ? {} : { ageKey: new Secret(key) }),
    configFile: place.configFile,
    ...(place.home === undefined ? {} : { home: place.home }),
  };
}

/** Throws UserError: sops would ask whenever ffops opens a file, also where nobody is there to answer. */
export function refuseLocked(identity: Secret, { ageKeyFile }: SecretsPlace): void {
  if (!isLocked(identity)) return;
  throw new UserError('secrets.lockedIdentity', {
    message: `The age identity in ${ageKeyFile} is locked with a passphrase.`,
    hints: [
      `Keep an open one there, readable by you alone: \`age --decrypt --output KEY ${ageKeyFile}\`, then move KEY in its place.`,
      'Or name another one: SOPS_AGE_KEY_FILE.',
    ],
  });
}

/** A folder that lives in memory, for the clear text of an open editor; undefined where the system has none. */
async function memoryFolder(hands: StoreHands): Promise<string | undefined> {
  for (const folder of [hands.variables['XDG_RUNTIME_DIR'], '/dev/shm']) {
    if (folder !== undefined && (await hands.files.info(folder))?.kind === 'directory') return folder;
  }
  return undefined;
}

function readable(document: ReadonlyMap<string, Secret | undefined>, place: SecretsPlace): ReadonlyMap<string, Secret> {
  const values = new Map<string, Secret>();
  for (const [name, value] of document) {
    if (value === undefined) {
      throw new UserError('secrets.notText', {
        message: `The value of ${name} in ${place.title} is not text.`,
        hints: [
          `Write it again with \`ffops secrets set ${name} ${place.flags}\`, or quote it in \`ffops secrets edit ${place.flags}\`.`,
        ],
      });
    }
    values.set(name, value);
  }
  return values;
}

/** sops' own words may quote what it read, so they are not passed on. */
function refusal(outcome: Outcome, place: SecretsPlace, recipients: readonly string[]): UserError | FailedError {
  if (outcome.timedOut) {
    return new FailedError('secrets.sopsWaits', {
      message: `sops did not end within ${sops.SOPS_SECONDS} seconds: it may be waiting for a passphrase or for a device.`,
      hints: [`An identity that opens ${place.title} without a question is wanted in ${place.ageKeyFile}.`],
    });
  }
  switch (outcome.exitCode) {
    case sops.SopsExit.noMatchingKey:
      return new UserError('secrets.noKey', {
        message: `No age identity of yours opens ${place.title}.`,
        hints: [
          `Put the identity into ${place.ageKeyFile} (mode 0600), or into SOPS_AGE_KEY in a pipeline.`,
          ...(recipients.length === 0 ? [] : [`These recipients can open it: ${recipients.join(', ')}.`]),
        ],
      });
    case sops.SopsExit.badValue:
    case sops.SopsExit.macMismatch:
    case sops.SopsExit.macNotFound:
      return new UserError('secrets.damaged', {
        message: `${place.title} was changed without sops, or is damaged: its checksum is wrong.`,
        hints: [`Take the last good version back: \`git checkout -- ${place.title}\`.`],
      });
    default:
      return new FailedError('secrets.sopsFailed', {
        message: `sops could not work on ${place.title} (it exited with ${outcome.exitCode}).`,
        hints: [
          `See its own words with \`sops decrypt ${place.title}\`; they may show values.`,
          `Or take the last good version back: \`git checkout -- ${place.title}\`.`,
        ],
      });
  }
}
