/** `ffops secrets list`: nothing is opened; names are in clear, and git knows when each line last changed. */
import { ToolMissingError } from '../errors.ts';
import type { SecretWant } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';
import { rotationOf } from '../secrets/rotation.ts';
import { usesOf } from '../secrets/uses.ts';
import * as git from '../tools/git.ts';
import type { SecretsRequest } from './secrets.ts';
import type { Result } from './verdict.ts';

export interface SecretListResult extends Result {
  readonly file: string;
  /** When sops last wrote the file. */
  readonly fileChangedAt?: string;
  readonly secrets: readonly ListedSecret[];
}

export interface ListedSecret {
  readonly name: string;
  readonly state: 'set' | 'missing' | 'unused';
  /** `given`: only a person can supply it. `derived`: computed from another one, never kept. */
  readonly kind: 'given' | 'generated' | 'certificate' | 'mail key' | 'derived' | 'unknown';
  readonly description: string;
  /** Releases, stacks whose tools sign in with it, and the state. */
  readonly usedBy: readonly string[];
  /** Since git saw its encrypted value change; a file that was encrypted anew counts as changed. Absent without git. */
  readonly ageDays?: number;
  /** Changed since the last commit. */
  readonly uncommitted?: true;
  /** How it gets another value; absent for one that never does, and for one that nothing reads. */
  readonly rotates?: string;
  /** Why it keeps its value for good. */
  readonly neverRotates?: string;
}

const kinds = {
  asked: 'given',
  generated: 'generated',
  certificate: 'certificate',
  dkimKey: 'mail key',
  derived: 'derived',
} as const satisfies Record<SecretWant['supply']['kind'], ListedSecret['kind']>;

export async function listSecrets(
  { clock }: Pick<Ports, 'clock'>,
  { hands, blueprint, workspace }: SecretsRequest,
): Promise<SecretListResult> {
  const { store } = hands;
  const document = (await store.exists()) ? await store.document() : undefined;
  const lines = document === undefined ? new Map<string, git.LineAge>() : await lineAges(hands, workspace);
  const names = new Set(document?.names ?? []);
  const wanted = new Map(blueprint.secrets.map((want) => [want.name, want]));
  const now = clock.now().getTime();
  const listed = [...new Set([...wanted.keys(), ...names])].sort().map((name): ListedSecret => {
    const want = wanted.get(name);
    const source = want?.supply.kind === 'derived' ? want.supply.from : name;
    const line = lines.get(source);
    return {
      name,
      state: !names.has(source) ? 'missing' : want === undefined ? 'unused' : 'set',
      kind: want === undefined ? 'unknown' : kinds[want.supply.kind],
      description: want?.description ?? '',
      usedBy: usedBy(usesOf(blueprint, name)),
      ...(line?.changedAt === undefined ? {} : { ageDays: Math.max(0, Math.floor((now - line.changedAt) / DAY_MS)) }),
      ...(line !== undefined && line.changedAt === undefined ? { uncommitted: true } : {}),
      ...(want === undefined ? {} : rotationOf(want)),
    };
  });
  return {
    file: store.place.title,
    ...(document?.changedAt === undefined ? {} : { fileChangedAt: document.changedAt }),
    secrets: listed,
  };
}

const DAY_MS = 24 * 3_600_000;

function usedBy({ releases, signsIn, opensState }: ReturnType<typeof usesOf>): readonly string[] {
  return [...releases, ...signsIn.map((stack) => `stack ${stack}`), ...(opensState ? ['the state'] : [])];
}

/** By the name of the value: each lies on a line of its own. Empty where there is no git, or it knows nothing of the file. */
async function lineAges(
  { run, store }: SecretsRequest['hands'],
  workspace: string,
): Promise<ReadonlyMap<string, git.LineAge>> {
  try {
    const outcome = await run('git', git.blame(workspace, store.place.secretsFile));
    if (outcome.exitCode !== 0) return new Map();
    const named = git.parseBlame(outcome.stdout).flatMap((line) => {
      const name = /^([^\s:]+): ENC\[/.exec(line.text)?.[1];
      return name === undefined ? [] : [[name, line] as const];
    });
    return new Map(named);
  } catch (error) {
    if (error instanceof ToolMissingError) return new Map();
    throw error;
  }
}
