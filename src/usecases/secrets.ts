/** `ffops secrets …`: what people do with an environment's secrets. Values leave through `get` and the editor only. */
import { UserError } from '../errors.ts';
import type { SecretWant } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { checkSecrets, type SecretFinding } from '../secrets/check.ts';
import { prepareStore } from '../secrets/init.ts';
import { cures } from '../secrets/reader.ts';
import { checkName } from '../secrets/store.ts';
import { generateMissing } from '../secrets/supply.ts';
import type { EnvironmentHands } from './environment-hands.ts';
import type { Result } from './verdict.ts';

export interface SecretsRequest {
  readonly hands: Pick<EnvironmentHands, 'store' | 'secrets' | 'run'>;
  readonly wants: readonly SecretWant[];
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

export async function initSecrets(ports: Ports, { hands, wants }: SecretsRequest): Promise<SecretsInitResult> {
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
  readonly value: string;
}

export async function getSecret({ hands, wants }: SecretsRequest, name: string): Promise<SecretValueResult> {
  const want = wants.find((candidate) => candidate.name === name);
  if (want?.supply.kind === 'derived') return { name, value: (await hands.secrets.get(name)).reveal() };
  const values = await hands.store.values();
  const value = values.get(name);
  if (value !== undefined) return { name, value: value.reveal() };
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
  const value = await askValue(ports, name);
  if (value.reveal() === '') {
    throw new UserError('secrets.emptyValue', {
      message: `${name} was left as it is: the value is empty.`,
      hints: [`Pipe it in (\`ffops secrets set ${name} ${hands.store.place.flags} < file\`), or type it when asked.`],
    });
  }
  const pattern = want?.supply.kind === 'asked' ? want.supply.pattern : undefined;
  if (want !== undefined && pattern !== undefined && !new RegExp(pattern).test(value.reveal())) {
    throw new UserError('secrets.misshapen', {
      message: `That does not look like ${name}: ${want.description}`,
      hints: cures(name, hands.store.place, want),
    });
  }
  await hands.store.write(new Map([[name, value]]));
  return { name, file: hands.store.place.title, wanted: want !== undefined };
}

async function askValue({ terminal }: Ports, name: string): Promise<Secret> {
  const piped = await terminal.piped();
  // `echo value |` ends with a line break that nobody meant.
  return new Secret(piped === undefined ? await terminal.hidden(`Value of ${name}`) : piped.replace(/\r?\n$/, ''));
}

export interface SecretListResult extends Result {
  readonly file: string;
  readonly secrets: readonly {
    readonly name: string;
    readonly state: 'set' | 'missing' | 'unused';
    readonly description: string;
  }[];
}

/** Opens nothing: names are in clear. */
export async function listSecrets({ hands, wants }: SecretsRequest): Promise<SecretListResult> {
  const names = new Set((await hands.store.exists()) ? await hands.store.names() : []);
  const wanted = new Map(wants.map((want) => [want.name, want]));
  const all = [...new Set([...wanted.keys(), ...names])].sort();
  const source = (name: string): string => {
    const supply = wanted.get(name)?.supply;
    return supply?.kind === 'derived' ? supply.from : name;
  };
  return {
    file: hands.store.place.title,
    secrets: all.map((name) => ({
      name,
      state: !names.has(source(name)) ? 'missing' : wanted.has(name) ? 'set' : 'unused',
      description: wanted.get(name)?.description ?? '',
    })),
  };
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

export interface SecretCheckResult extends Result {
  readonly file: string;
  readonly findings: readonly SecretFinding[];
}

/** Fails when something that is wanted has no usable value. */
export async function checkAllSecrets(
  { clock }: Pick<Ports, 'clock'>,
  { hands, wants }: SecretsRequest,
): Promise<SecretCheckResult> {
  const findings = checkSecrets(wants, await hands.store.values(), hands.store.place, clock.now());
  const verdict = findings.some(({ problem }) => problem !== 'unused') ? 'failed' : 'done';
  return { verdict, file: hands.store.place.title, findings };
}
