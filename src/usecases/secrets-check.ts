/** `ffops secrets check`: is everything there, is it kept apart, and does nothing of it lie anywhere in clear? */
import { join } from 'node:path';
import { FfopsError, UserError } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { sandboxLayout } from '../sandbox/layout.ts';
import { checkSecrets, unscoped, type SecretFinding } from '../secrets/check.ts';
import { searchAll, searchStaged, type Search } from '../secrets/leaks.ts';
import { SECRETS_FILE_MISSING } from '../secrets/store.ts';
import * as git from '../tools/git.ts';
import type { SecretsRequest } from './secrets.ts';
import type { Result } from './verdict.ts';

export interface SecretCheckResult extends Result {
  readonly file: string;
  readonly findings: readonly SecretFinding[];
  /** Absent in the sandbox, whose secrets are worth nothing. */
  readonly search?: Search;
}

/** Fails when something that is wanted has no usable value, or lies somewhere in clear. */
export async function checkAllSecrets(
  { clock, files }: Pick<Ports, 'clock' | 'files'>,
  { hands, wants, blueprint, workspace }: SecretsRequest,
): Promise<SecretCheckResult> {
  const { store, run } = hands;
  const values = await store.values();
  const real = store.place.home === undefined;
  const findings = [
    ...checkSecrets(wants, values, store.place, clock.now()),
    ...(real ? unscoped(blueprint, values, store.place) : []),
  ];
  // Its identity lies beside what it opens, on purpose.
  const harmless = new Set([sandboxLayout(workspace).ageKeyFile]);
  const search = real ? await searchAll({ files, run }, workspace, values, harmless) : undefined;
  const fine = findings.every(({ problem }) => problem === 'unused') && (search?.leaks.length ?? 0) === 0;
  return { verdict: fine ? 'done' : 'failed', file: store.place.title, findings, ...(search && { search }) };
}

/** What is about to be committed. Who cannot open the secrets is still told of identities, states and tfvars. */
export async function checkStaged(
  { files, variables }: Pick<Ports, 'files' | 'variables'>,
  { hands, workspace }: SecretsRequest,
): Promise<SecretCheckResult> {
  const { store, run } = hands;
  const values = await store.values().catch((error: unknown): ReadonlyMap<string, Secret> => {
    if (error instanceof FfopsError && ['secrets.noKey', SECRETS_FILE_MISSING].includes(error.code)) return new Map();
    throw error;
  });
  const search = await searchStaged({ files, run }, workspace, values, variables['GIT_INDEX_FILE']);
  return { verdict: search.leaks.length === 0 ? 'done' : 'failed', file: store.place.title, findings: [], search };
}

export interface HookResult extends Result {
  readonly hook: string;
}

const MARK = '# Written by `ffops secrets check --install-hook`.';

/** `launcher` starts this very ffops. Throws UserError when there is a hook of somebody else's. */
export async function installHook(
  { files }: Pick<Ports, 'files'>,
  { hands, workspace }: SecretsRequest,
  launcher: readonly string[],
): Promise<HookResult> {
  const outcome = await hands.run('git', git.hooksFolder(workspace));
  if (outcome.exitCode !== 0) {
    throw new UserError('hook.noRepository', {
      message: `${workspace} is in no git repository.`,
      hints: ['Make one first: `git init`.'],
    });
  }
  const hook = join(outcome.stdout.trim(), 'pre-commit');
  const there = await files.read(hook);
  if (there !== undefined && !there.includes(MARK)) {
    throw new UserError('hook.taken', {
      message: `${hook} is there already, and not from ffops.`,
      hints: [`Add a line to it: ffops secrets check --staged --workspace ${quoted(workspace)} -e NAME`],
    });
  }
  await files.write(hook, hookText(workspace, launcher), { mode: 0o755 });
  return { hook };
}

function hookText(workspace: string, launcher: readonly string[]): string {
  const command = [...launcher, 'secrets', 'check', '--staged', '--quiet', '--workspace', workspace]
    .map(quoted)
    .join(' ');
  return `#!/bin/sh
${MARK}
# Nothing is committed that holds a secret in clear. For once: git commit --no-verify
for file in ${quoted(join(workspace, 'environments'))}/*.yaml; do
  ${command} --env "$(basename "$file" .yaml)" || exit 1
done
`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
