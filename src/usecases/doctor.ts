import { dirname, join } from 'node:path';
import { FfopsError } from '../errors.ts';
import type { Blueprint } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { EnvironmentChoice, Workspace } from '../model/workspace.ts';
import type { Ports } from '../ports/ports.ts';
import type { SecretStore } from '../secrets/store.ts';
import type { ToolReport } from '../toolchain/toolchain.ts';
import type { Verdict } from './verdict.ts';

/** What can be looked at; each throws the error that a command would. */
export interface DoctorRequest {
  readonly nodeVersion: string;
  /** The sandbox has secrets of its own, made when they are needed. */
  readonly sandbox: boolean;
  /** The oldest Node that ffops runs on. */
  readonly nodeWanted: string;
  readonly tools: () => Promise<readonly ToolReport[]>;
  readonly workspace: () => Promise<Workspace>;
  readonly choice: () => Promise<EnvironmentChoice>;
  readonly blueprint: () => Promise<Blueprint>;
  readonly surroundings: () => Promise<Surroundings>;
  readonly store: () => Promise<SecretStore>;
}

export interface DoctorResult {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly about: 'machine' | 'tools' | 'workspace' | 'secrets';
  readonly title: string;
  /** `note`: works, but you may want to know. */
  readonly state: 'fine' | 'note' | 'wrong';
  readonly detail: string;
  readonly cures: readonly string[];
}

/** Looks at everything a command needs, and never fails at the first thing that is off. */
export async function doctor(ports: Ports, request: DoctorRequest): Promise<DoctorResult> {
  const checks = [
    nodeCheck(request),
    await gitCheck(ports),
    ...(await guarded('tools', 'tools', () => toolChecks(request))),
    ...(await guarded('workspace', 'workspace', () => workspaceChecks(ports, request))),
  ];
  if (!request.sandbox && checks.every(({ about, state }) => about !== 'workspace' || state !== 'wrong')) {
    checks.push(...(await guarded('secrets', 'secrets', () => secretChecks(ports, request))));
  }
  return { verdict: checks.some(({ state }) => state === 'wrong') ? 'failed' : 'done', checks };
}

async function guarded(
  about: Check['about'],
  title: string,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return error.problems.map(({ message, at, hints }) => ({
      about,
      title,
      state: 'wrong' as const,
      detail: at ? `${at.file}:${at.line}: ${message}` : message,
      cures: hints ?? [],
    }));
  }
}

function fine(about: Check['about'], title: string, detail: string): Check {
  return { about, title, state: 'fine', detail, cures: [] };
}

function nodeCheck({ nodeVersion, nodeWanted }: DoctorRequest): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = nodeWanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor))
    return fine('machine', 'node', nodeVersion);
  const cures = [`install Node ${nodeWanted} or newer`];
  return { about: 'machine', title: 'node', state: 'wrong', detail: `${nodeVersion} is too old`, cures };
}

async function gitCheck({ runner }: Ports): Promise<Check> {
  try {
    const { stdout } = await runner.run({ program: 'git', args: ['--version'] });
    return fine('machine', 'git', stdout.trim().replace(/^git version /, ''));
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return {
      about: 'machine',
      title: 'git',
      state: 'note',
      detail: 'not found',
      cures: ['install git: a workspace is made to be committed'],
    };
  }
}

async function toolChecks({ tools }: DoctorRequest): Promise<readonly Check[]> {
  return (await tools()).map(({ name, found, neededFor, notes }) => {
    if (found === undefined) {
      return {
        about: 'tools',
        title: name,
        state: 'note',
        detail: `missing; needed for ${neededFor}`,
        cures: [`ffops toolchain install ${name}`],
      };
    }
    const state = notes.length > 0 ? 'note' : 'fine';
    return {
      about: 'tools',
      title: name,
      state,
      detail: [`${found.version}, ${found.reason}`, ...notes].join('; '),
      cures: [],
    };
  });
}

async function workspaceChecks(ports: Ports, request: DoctorRequest): Promise<readonly Check[]> {
  const { root, name } = await request.workspace();
  const choice = await request.choice();
  const { platform, stacks } = await request.blueprint();
  return [
    fine('workspace', 'workspace', `${name} in ${root}`),
    fine('workspace', 'environment', `${choice.name} on ${platform}, ${stacks.length} stacks; chosen by ${choice.by}`),
    await ignoredCheck(ports, root),
  ];
}

/** Working files hold a kubeconfig; committed, they would leak it. */
async function ignoredCheck({ runner }: Ports, root: string): Promise<Check> {
  const outcome = await runner
    .run({ program: 'git', args: ['check-ignore', '--quiet', '.ffops/kubeconfig'], cwd: root })
    .catch(() => undefined);
  if (outcome?.exitCode === 0) return fine('workspace', '.gitignore', '.ffops is ignored');
  if (outcome?.exitCode === 1) {
    const cures = ["echo '.ffops/' >> .gitignore"];
    return {
      about: 'workspace',
      title: '.gitignore',
      state: 'wrong',
      detail: '.ffops would be committed, kubeconfig included',
      cures,
    };
  }
  return {
    about: 'workspace',
    title: '.gitignore',
    state: 'note',
    detail: 'the workspace is not in git',
    cures: ['git init'],
  };
}

async function secretChecks(ports: Ports, request: DoctorRequest): Promise<readonly Check[]> {
  const { ageKeyFile } = await request.surroundings();
  const { name } = await request.choice();
  const checks = [await ageKeyCheck(ports, ageKeyFile, (await request.workspace()).root, name)];
  const store = await request.store();
  if (!(await store.exists())) {
    const cures = [`ffops secrets init -e ${name}`];
    return [
      ...checks,
      { about: 'secrets', title: 'secrets', state: 'wrong', detail: `there is no ${store.place.title}`, cures },
    ];
  }
  const names = new Set(await store.names());
  for (const { name: secret, supply } of (await request.blueprint()).secrets) {
    if (names.has(secret)) checks.push(fine('secrets', secret, 'has a value'));
    else if (supply.kind === 'generated') checks.push(missingSecret(secret, `ffops secrets generate -e ${name}`));
    else checks.push(missingSecret(secret, `ffops secrets set ${secret} -e ${name}`));
  }
  return checks;
}

function missingSecret(title: string, cure: string): Check {
  return { about: 'secrets', title, state: 'wrong', detail: 'has no value', cures: [cure] };
}

async function ageKeyCheck(
  { files, variables }: Ports,
  path: string,
  workspace: string,
  environment: string,
): Promise<Check> {
  const about = 'secrets';
  const title = 'age key';
  const info = await files.info(path);
  if (info === undefined) {
    if (variables['SOPS_AGE_KEY']) return fine(about, title, 'handed over by SOPS_AGE_KEY');
    const cures = [`take ${path} from where you keep passwords`, `or make one: ffops secrets init -e ${environment}`];
    return { about, title, state: 'wrong', detail: `there is no ${path}`, cures };
  }
  if (`${dirname(path)}/`.startsWith(join(workspace, '/'))) {
    const cures = ['move it out, and name it: SOPS_AGE_KEY_FILE'];
    return {
      about,
      title,
      state: 'wrong',
      detail: `${path} lies in the workspace, where it could be committed`,
      cures,
    };
  }
  if ((info.mode & 0o077) !== 0)
    return { about, title, state: 'wrong', detail: `others can read ${path}`, cures: [`chmod 600 ${path}`] };
  return fine(about, title, path);
}
