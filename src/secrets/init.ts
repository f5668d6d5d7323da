/** A new identity and the rule that names it: what sops needs before the first secret can be written. */
import { basename, dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import * as age from '../tools/age.ts';
import { toolFailed } from '../tools/call.ts';
import type { SecretsPlace } from './place.ts';
import { refuseLocked, type StoreHands } from './store.ts';

export interface Prepared {
  readonly recipient: string;
  readonly createdIdentity: boolean;
  readonly createdConfig: boolean;
}

/**
 * Makes what is missing and leaves the rest alone. Throws UserError when our identity is none, or is locked, and when
 * `.sops.yaml` is there and does not let it in: the file would be written and never read again.
 */
export async function prepareStore(hands: StoreHands, place: SecretsPlace): Promise<Prepared> {
  const identity = await identityOf(hands, place);
  const createdConfig = await ensureConfig(hands, place, identity.recipient);
  if (place.home === undefined) await ensureIgnored(hands, join(dirname(place.configFile), '.gitignore'));
  return { recipient: identity.recipient, createdIdentity: identity.created, createdConfig };
}

async function identityOf(hands: StoreHands, place: SecretsPlace): Promise<{ recipient: string; created: boolean }> {
  const handedOver = place.home === undefined ? hands.variables['SOPS_AGE_KEY'] : undefined;
  const existing = (await hands.files.read(place.ageKeyFile)) ?? handedOver;
  if (existing !== undefined && existing.trim() !== '') {
    refuseLocked(new Secret(existing), place);
    const outcome = await hands.run('age-keygen', age.recipientOf(new Secret(existing)));
    const recipient = age.parseRecipients(outcome.stdout)[0];
    if (outcome.exitCode !== 0 || recipient === undefined) {
      throw new UserError('secrets.badIdentity', {
        message: `${place.ageKeyFile} holds no age identity.`,
        hints: ['It should have a line that starts with AGE-SECRET-KEY-; take it back from a backup.'],
      });
    }
    return { recipient, created: false };
  }
  const outcome = await hands.run('age-keygen', age.generateIdentity());
  if (outcome.exitCode !== 0) throw toolFailed('secrets.noIdentity', 'age-keygen made no identity', outcome);
  const identity = age.parseIdentity(outcome.stdout);
  await hands.files.write(place.ageKeyFile, identity.text.reveal(), { mode: 0o600 });
  return { recipient: identity.recipient, created: true };
}

const configSchema = z.looseObject({
  creation_rules: z.array(
    z.looseObject({ path_regex: z.string().optional(), age: z.union([z.string(), z.array(z.string())]).optional() }),
  ),
});

async function ensureConfig(hands: StoreHands, place: SecretsPlace, recipient: string): Promise<boolean> {
  const existing = await hands.files.read(place.configFile);
  if (existing === undefined) {
    const others = place.home === undefined ? (hands.variables['SOPS_AGE_RECIPIENTS'] ?? '').split(',') : [];
    const recipients = new Set([recipient, ...others.map((one) => one.trim()).filter((one) => one !== '')]);
    await hands.files.write(place.configFile, configText([...recipients], basename(dirname(place.secretsFile))));
    return true;
  }
  const parsed = configSchema.safeParse(safeLoad(existing));
  if (!parsed.success) {
    throw new UserError('secrets.badConfig', {
      message: `${place.configFile} has no creation_rules that ffops understands.`,
      hints: ['See https://getsops.io/docs/ for its shape, or remove it and run this again.'],
    });
  }
  const recipients = parsed.data.creation_rules.flatMap((rule) => rule.age ?? []).join(',');
  if (recipients.includes(recipient)) return false;
  throw new UserError('secrets.notRecipient', {
    message: `Your recipient ${recipient} is not in ${place.configFile}.`,
    hints: [
      `Have someone who can open the files run \`ffops secrets recipients add ${recipient} ${place.flags}\`.`,
      `Or put the team's identity into ${place.ageKeyFile}.`,
    ],
  });
}

function safeLoad(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

/** What holds secrets in clear wherever people still keep some. */
const IGNORED = ['*.tfvars', '*.tfstate', '*.tfstate.*', '.env'];

async function ensureIgnored({ files }: StoreHands, path: string): Promise<void> {
  const text = (await files.read(path)) ?? '';
  const there = new Set(text.split(/\r?\n/));
  const missing = IGNORED.filter((line) => !there.has(line));
  if (missing.length === 0) return;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await files.write(path, `${before}# What may hold secrets in clear.\n${missing.join('\n')}\n`);
}

function configText(recipients: readonly string[], folder: string): string {
  return `# Who can open the secrets of this workspace: one age recipient per person or pipeline, separated by commas.
# To let somebody in or shut somebody out, in the files too: ffops secrets recipients add, remove
creation_rules:
  - path_regex: ${folder}/[^/]+\\.yaml$
    age: ${recipients.join(',')}
`;
}
