/** `ffops secrets import`: takes over what lies in a `secrets.tfvars`, a `.env` or an encrypted one, and says what it leaves. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Blueprint, SecretWant } from '../model/blueprint.ts';
import { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { parseImport, type ImportedFile, type ImportedValue } from '../secrets/import-file.ts';
import { accessOf } from '../secrets/store.ts';
import * as sops from '../tools/sops.ts';
import type { SecretsRequest } from './secrets.ts';
import type { Result } from './verdict.ts';

export interface ImportRequest extends SecretsRequest {
  /** Absolute. */
  readonly path: string;
  /** What the file calls by another name: its name → ours. */
  readonly renames: ReadonlyMap<string, string>;
  /** Values that are there already are replaced. */
  readonly overwrite: boolean;
}

export interface ImportResult extends Result {
  readonly file: string;
  /** Our name, and the file's. */
  readonly imported: readonly Matched[];
  /** The same value was there already. */
  readonly same: readonly Matched[];
  /** Another value is there, and stays. */
  readonly kept: readonly Matched[];
  /** Not taken over: no secret of this environment is called that. */
  readonly unknown: readonly Left[];
  /** Not taken over: a list, a map, an expression, or a value that does not look like what is wanted. */
  readonly unusable: readonly Left[];
  /** Lines of the file that say nothing ffops understands. */
  readonly unread: readonly number[];
}

export interface Matched {
  readonly name: string;
  readonly from: string;
}

export interface Left {
  readonly name: string;
  readonly line: number;
}

export async function importSecrets(ports: Ports, request: ImportRequest): Promise<ImportResult> {
  const { hands, blueprint, renames, overwrite } = request;
  const { values: entries, unread } = await readFile(ports, request);
  const there: ReadonlyMap<string, Secret> = (await hands.store.exists()) ? await hands.store.values() : new Map();
  const names = knownNames(blueprint, renames);
  const made = new Map<string, Secret>();
  const result = {
    imported: [] as Matched[],
    same: [] as Matched[],
    kept: [] as Matched[],
    unknown: [] as Left[],
    unusable: [] as Left[],
  };
  for (const { name: from, line, value } of lastOfEach(entries)) {
    const want = names(from);
    if (want === undefined) result.unknown.push({ name: from, line });
    else if (value === undefined || !fits(want, value)) result.unusable.push({ name: from, line });
    else {
      refuseSecond(want.name, from, value, made, result.imported);
      const earlier = there.get(want.name)?.reveal() ?? '';
      const kind = earlier === value.reveal() ? 'same' : earlier !== '' && !overwrite ? 'kept' : 'imported';
      result[kind].push({ name: want.name, from });
      if (kind === 'imported') made.set(want.name, value);
    }
  }
  await hands.store.write(made);
  return { file: hands.store.place.title, ...result, unread };
}

async function readFile(ports: Ports, { path, hands }: ImportRequest): Promise<ImportedFile> {
  const text = await ports.files.read(path);
  if (text === undefined)
    throw new UserError('import.missing', {
      message: `There is no ${path}.`,
      hints: ['Name a secrets.tfvars or a .env.'],
    });
  const type = encryptedAs(text);
  if (type === undefined) return parseImport(text, path);
  const { run, store } = hands;
  const outcome = await run('sops', sops.decryptAs(await accessOf({ ...ports, run }, store.place), path, type));
  if (outcome.exitCode !== 0) {
    throw new UserError('import.closed', {
      message: `sops does not open ${path}${outcome.timedOut ? ': it waits for somebody' : ` (it exited with ${outcome.exitCode})`}.`,
      hints: [`The identity that opens it is wanted in ${store.place.ageKeyFile}, or in SOPS_AGE_KEY.`],
    });
  }
  if (type === 'binary' || type === 'dotenv') return parseImport(outcome.stdout, type === 'dotenv' ? '.env' : path);
  const values = Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(outcome.stdout)));
  return {
    values: values.map(([name, value]) => ({
      name,
      line: 1,
      value: typeof value === 'string' ? new Secret(value) : undefined,
    })),
    unread: [],
  };
}

/** How sops wrote it, whatever the name says; undefined when it is in clear. */
function encryptedAs(text: string): 'binary' | 'dotenv' | 'json' | 'yaml' | undefined {
  if (/^sops_mac=/m.test(text)) return 'dotenv';
  if (/^sops:$/m.test(text)) return 'yaml';
  if (!/^\s*\{/.test(text) || !/"sops"\s*:/.test(text)) return undefined;
  return /"data"\s*:\s*"ENC\[/.test(text) ? 'binary' : 'json';
}

/** By the name as it is, by what it was renamed to, by the variable that a tool reads, or by its letters and digits. */
function knownNames(
  { secrets, stacks, state }: Blueprint,
  renames: ReadonlyMap<string, string>,
): (name: string) => SecretWant | undefined {
  const wants = new Map(secrets.filter(({ supply }) => supply.kind !== 'derived').map((want) => [want.name, want]));
  for (const [from, to] of renames) {
    if (wants.has(to)) continue;
    throw new UserError('import.rename', {
      message: `Nothing in this environment reads ${to}, which ${from} should become.`,
      hints: ['`ffops secrets list` shows the names that are read.'],
    });
  }
  const variables = new Map(
    [state.kind === 's3' ? state.credentials : {}, ...stacks.map((stack) => stack.credentials)].flatMap(
      Object.entries<string>,
    ),
  );
  const letters = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const byLetters = new Map([
    ...[...variables].map(([variable, name]) => [letters(variable), name] as const),
    ...[...wants.keys()].map((name) => [letters(name), name] as const),
  ]);
  return (name) => wants.get(renames.get(name) ?? byLetters.get(letters(name)) ?? name);
}

/** In both kinds of file the last one counts. */
function lastOfEach(entries: readonly ImportedValue[]): readonly ImportedValue[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

function fits({ supply }: SecretWant, value: Secret): boolean {
  if (value.reveal() === '') return false;
  return supply.kind !== 'asked' || supply.pattern === undefined || new RegExp(supply.pattern).test(value.reveal());
}

function refuseSecond(
  name: string,
  from: string,
  value: Secret,
  made: ReadonlyMap<string, Secret>,
  imported: readonly Matched[],
): void {
  const other = made.get(name);
  if (other === undefined || other.reveal() === value.reveal()) return;
  throw new UserError('import.twice', {
    message: `${imported.find((one) => one.name === name)?.from} and ${from} both stand for ${name}, with different values.`,
    hints: ['Take one of them out of the file. Nothing was imported.'],
  });
}
