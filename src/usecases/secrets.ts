/** `ffops secrets …`: what people do with an environment's secrets. Values leave through `get` and the editor only. */
import { ConsentError, UserError } from '../errors.ts';
import type { Blueprint, SecretWant } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { checkSecrets, type SecretFinding } from '../secrets/check.ts';
import { prepareStore } from '../secrets/init.ts';
import { cures } from '../secrets/reader.ts';
import { checkName } from '../secrets/store.ts';
import { generateMissing } from '../secrets/supply.ts';
import { toClipboard } from './clipboard.ts';
import type { EnvironmentHands } from './environment-hands.ts';
import type { Result } from './verdict.ts';

export interface SecretsRequest {
  readonly hands: Pick<EnvironmentHands, 'store' | 'secrets' | 'run' | 'cluster'>;
  readonly wants: readonly SecretWant[];
  readonly blueprint: Blueprint;
  /** Folder of ffops.yaml, absolute. */
  readonly workspace: string;
}

export interface SecretsInitResult extends Result {
  readonly file: string;
  readonly ageKeyFile: string;
  readonly recipient: string;
  readonly createdIdentity: boolean;
  readonly createdConfig: boolean;
  readonly generated: readonly string[];
  /** What only a person can supply. */
  readonly missing: readonly SecretFinding[];
}

export async function initSecrets(
  ports: Ports,
  { hands, wants }: Pick<SecretsRequest, 'hands' | 'wants'>,
): Promise<SecretsInitResult> {
  const { store, run } = hands;
  const prepared = await prepareStore({ ...ports, run }, store.place);
  const generated = await generateMissing(store, wants, ports.clock.now());
  const missing = (await store.exists())
    ? checkSecrets(wants, await store.values(), store.place, ports.clock.now())
    : [];
  return {
    ...prepared,
    file: store.place.title,
    ageKeyFile: store.place.ageKeyFile,
    generated,
    missing: missing.filter(({ problem }) => problem !== 'unused'),
  };
}

export interface SecretValueResult extends Result {
  readonly name: string;
  /** Absent when it went to the clipboard. */
  readonly value?: string;
}

export interface GetRequest extends SecretsRequest {
  readonly name: string;
  /** To the clipboard, and nowhere else. */
  readonly copy: boolean;
  /** Nobody is asked. */
  readonly yes: boolean;
}

/** Throws ConsentError when it would be seen on a screen and nobody agrees to that. */
export async function getSecret(ports: Ports, request: GetRequest): Promise<SecretValueResult> {
  const { name, copy, yes } = request;
  const value = await valueOf(request, name);
  if (copy) {
    await toClipboard(ports, value);
    return { name };
  }
  const { terminal } = ports;
  if (terminal.seen && terminal.interactive && !yes && !(await terminal.confirm(`Show ${name} on this screen?`))) {
    throw new ConsentError('secrets.notShown', {
      message: `${name} was not shown.`,
      hints: ['Into the clipboard, unseen: `--copy`.'],
    });
  }
  return { name, value: value.reveal() };
}

async function valueOf({ hands, wants }: SecretsRequest, name: string): Promise<Secret> {
  const want = wants.find((candidate) => candidate.name === name);
  if (want?.supply.kind === 'derived') return hands.secrets.get(name);
  const values = await hands.store.values();
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new UserError('secrets.noValue', {
    message: `${name} has no value in ${hands.store.place.title}.`,
    hints: want === undefined ? [`It holds ${[...values.keys()].join(', ')}.`] : cures(name, hands.store.place, want),
  });
}

export interface SecretSetResult extends Result {
  readonly name: string;
  readonly file: string;
  /** False when nothing in the environment reads it: a typing error, perhaps. */
  readonly wanted: boolean;
}

/** The value comes from a hidden prompt, or from what is piped in; never from the command line, which others can read. */
export async function setSecret(
  ports: Ports,
  { hands, wants }: SecretsRequest,
  name: string,
): Promise<SecretSetResult> {
  checkName(name);
  const want = wants.find((candidate) => candidate.name === name);
  if (want?.supply.kind === 'derived') {
    throw new UserError('secrets.derived', {
      message: `${name} is never set: it is computed from ${want.supply.from}.`,
      hints: [`Set ${want.supply.from} instead.`],
    });
  }
  const value = await askForValue(ports, { hands }, want ?? { name });
  await hands.store.write(new Map([[name, value]]));
  return { name, file: hands.store.place.title, wanted: want !== undefined };
}

/** Typed unseen or piped in. Throws UserError when it is empty, or does not look like what is wanted. */
export async function askForValue(
  { terminal }: Pick<Ports, 'terminal'>,
  { hands }: Pick<SecretsRequest, 'hands'>,
  want: Pick<SecretWant, 'name'> & Partial<SecretWant>,
): Promise<Secret> {
  const { name, supply, description } = want;
  const { place } = hands.store;
  const piped = await terminal.piped();
  // `echo value |` ends with a line break that nobody meant.
  const value = piped === undefined ? await terminal.hidden(`Value of ${name}`) : piped.replace(/\r?\n$/, '');
  if (value === '') {
    throw new UserError('secrets.emptyValue', {
      message: `${name} was left as it is: the value is empty.`,
      hints: [`Pipe it in (\`ffops secrets set ${name} ${place.flags} < file\`), or type it when asked.`],
    });
  }
  const pattern = supply?.kind === 'asked' ? supply.pattern : undefined;
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    throw new UserError('secrets.misshapen', {
      message: `That does not look like ${name}: ${description}`,
      hints: cures(name, place, want as SecretWant),
    });
  }
  return new Secret(value);
}

export interface SecretGenerateResult extends Result {
  readonly file: string;
  readonly generated: readonly string[];
}

export async function generateSecrets(
  { clock }: Pick<Ports, 'clock'>,
  { hands, wants }: SecretsRequest,
): Promise<SecretGenerateResult> {
  return { file: hands.store.place.title, generated: await generateMissing(hands.store, wants, clock.now()) };
}

export interface SecretEditResult extends Result {
  readonly file: string;
  readonly changed: boolean;
}

export async function editSecrets({ hands }: SecretsRequest): Promise<SecretEditResult> {
  return { file: hands.store.place.title, changed: await hands.store.edit() };
}
