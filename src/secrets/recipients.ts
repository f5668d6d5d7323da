/**
 * Who can open an environment's file: the recipients of the rule in `.sops.yaml` that is for it, and of the file itself. A
 * rule may be for several files; they are changed together, on copies that take their places when all of them are done.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join, relative } from 'node:path';
import { UserError } from '../errors.ts';
import * as sops from '../tools/sops.ts';
import { toolFailed } from '../tools/call.ts';
import { readEncrypted } from './document.ts';
import type { SecretsPlace } from './place.ts';
import { accessOf, type StoreHands } from './store.ts';

export interface Recipients {
  readonly recipients: readonly string[];
  /** The files that the rule is for, relative to the workspace. */
  readonly files: readonly string[];
}

/** Throws UserError when `.sops.yaml` has no rule for the file, or one that ffops does not understand. */
export async function recipientsOf(hands: StoreHands, place: SecretsPlace): Promise<Recipients> {
  const rule = await openRule(hands, place);
  return { recipients: rule.recipients, files: rule.files.map((file) => titleOf(file, place)) };
}

/** The values stay as they are; the files are opened to one more. */
export async function addRecipient(hands: StoreHands, place: SecretsPlace, recipient: string): Promise<Recipients> {
  const rule = await openRule(hands, place);
  const recipients = [...new Set([...rule.recipients, recipient])];
  const access = { ...(await accessOf(hands, place)), configFile: '' };
  await replaceTogether(hands, rule.files, async (copy) => {
    // The rule's own pattern need not be for the copy's name.
    const configFile = `${copy}.rule`;
    try {
      await hands.files.write(configFile, JSON.stringify({ creation_rules: [{ age: recipients.join(',') }] }));
      const outcome = await hands.run('sops', sops.updateKeys({ ...access, configFile }, copy));
      if (outcome.exitCode !== 0) throw notChanged(outcome);
    } finally {
      await hands.files.remove(configFile);
    }
  });
  await rule.write(recipients);
  return { recipients, files: rule.files.map((file) => titleOf(file, place)) };
}

/**
 * Encrypts every value anew: whoever is removed may have kept the key that the file had. What they have read they know:
 * the values are to be rotated. Throws UserError when it is not a recipient, or the last one.
 */
export async function removeRecipient(hands: StoreHands, place: SecretsPlace, recipient: string): Promise<Recipients> {
  const rule = await openRule(hands, place);
  const recipients = rule.recipients.filter((one) => one !== recipient);
  if (recipients.length === rule.recipients.length) {
    throw new UserError('secrets.notRecipient', {
      message: `${recipient} is no recipient of ${place.title}.`,
      hints: [`These are: ${rule.recipients.join(', ')}.`],
    });
  }
  if (recipients.length === 0) {
    throw new UserError('secrets.lastRecipient', {
      message: 'That is the only recipient: nobody could open the secrets any more.',
      hints: [`Add another one first: \`ffops secrets recipients add RECIPIENT ${place.flags}\`.`],
    });
  }
  const access = await accessOf(hands, place);
  await replaceTogether(hands, rule.files, async (copy) => {
    const { recipients: now } = readEncrypted((await hands.files.read(copy)) ?? '', place.title);
    if (!now.includes(recipient)) return;
    const outcome = await hands.run('sops', sops.withoutRecipient(access, copy, recipient));
    if (outcome.exitCode !== 0) throw notChanged(outcome);
    await hands.files.write(copy, outcome.stdout);
  });
  await rule.write(recipients);
  return { recipients, files: rule.files.map((file) => titleOf(file, place)) };
}

interface Rule {
  readonly recipients: readonly string[];
  readonly files: readonly string[];
  /** Everything else of `.sops.yaml` stays, comments included. */
  write(recipients: readonly string[]): Promise<void>;
}

async function openRule({ files }: StoreHands, place: SecretsPlace): Promise<Rule> {
  const { isMap, isScalar, isSeq, parseDocument } = await import('yaml');
  const text = await files.read(place.configFile);
  if (text === undefined) {
    throw new UserError('secrets.noConfig', {
      message: `There is no ${basename(place.configFile)} yet.`,
      hints: [`Make it with \`ffops secrets init ${place.flags}\`.`],
    });
  }
  const document = parseDocument(text);
  const rules = document.get('creation_rules');
  const items = isSeq(rules) ? rules.items.filter((item) => isMap(item)) : [];
  const patternOf = (item: (typeof items)[number]): RegExp => {
    const pattern: unknown = item.get('path_regex');
    return new RegExp(typeof pattern === 'string' ? pattern : '');
  };
  const own = items.find((item) => patternOf(item).test(below(place.secretsFile, place)));
  const age = own?.get('age', true);
  if (own === undefined || !(isScalar(age) || isSeq(age)) || document.errors.length > 0) {
    throw new UserError('secrets.badConfig', {
      message: `${place.configFile} has no rule with an \`age\` list for ${place.title}.`,
      hints: ['See https://getsops.io/docs/ for its shape.'],
    });
  }
  const folder = dirname(place.secretsFile);
  const there = (await files.list(folder)).filter((name) => name.endsWith('.sops.yaml') && !name.startsWith('.'));
  const first = (file: string) => items.find((item) => patternOf(item).test(below(file, place)));
  return {
    recipients: (isSeq(age) ? age.items.map((item) => String(isScalar(item) ? item.value : item)) : [String(age.value)])
      .flatMap((one) => one.split(','))
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    files: there.map((name) => join(folder, name)).filter((file) => first(file) === own),
    write: async (recipients) => {
      own.set('age', isSeq(age) ? recipients : recipients.join(','));
      await files.write(place.configFile, document.toString({ lineWidth: 0 }));
    },
  };
}

/** As sops matches it: relative to the folder of `.sops.yaml`. */
function below(file: string, { configFile }: SecretsPlace): string {
  return relative(dirname(configFile), file);
}

function titleOf(file: string, place: SecretsPlace): string {
  return join(dirname(place.title), basename(file));
}

async function replaceTogether(
  { files }: StoreHands,
  paths: readonly string[],
  change: (copy: string) => Promise<void>,
): Promise<void> {
  const copies = paths.map((path) => ({
    path,
    copy: join(dirname(path), `.${basename(path, '.yaml')}.${randomUUID()}.yaml`),
  }));
  try {
    for (const { path, copy } of copies) {
      await files.write(copy, (await files.read(path)) ?? '', { mode: 0o600 });
      await change(copy);
    }
    for (const { path, copy } of copies) await files.write(path, (await files.read(copy)) ?? '');
  } finally {
    for (const { copy } of copies) await files.remove(copy);
  }
}

/** sops' own words may quote what it read. */
function notChanged(outcome: Parameters<typeof toolFailed>[2]): Error {
  return toolFailed(
    'secrets.notReencrypted',
    'sops did not encrypt for the new recipients',
    { ...outcome, stderr: '' },
    ['Nothing was changed. `ffops secrets check` says whether the file opens.'],
  );
}
