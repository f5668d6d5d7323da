import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { encryptionConfig } from '../src/engine/encryption.ts';
import { Secret } from '../src/model/secret.ts';
import { STATE_PASSPHRASE } from '../src/model/state-passphrase.ts';
import { appNames, environmentFile } from './many-apps.ts';
import { median, race, ratio, root, type Claim, type Contender, type Run } from './measure.ts';

/** Every app is a stack; `infra` is one more. */
const FEW = { stacks: 12, goal: 1.15, rounds: 7 } as const;
const MANY = { stacks: 100, goal: 1.05, rounds: 3 } as const;
const WIDTHS = [2, 4, 6] as const;

/** A plan that changes nothing, by ffops and by tofu itself over the very same folders, in a local cluster of the sandbox. */
export async function measurePlan({ stacks, goal, rounds }: typeof FEW | typeof MANY = FEW): Promise<readonly Claim[]> {
  const workspace = mkdtempSync(join(tmpdir(), 'ffops-bench-'));
  try {
    return await planOf(workspace, stacks, goal, rounds);
  } finally {
    ffops(workspace, 0, 'sandbox', 'stop');
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** The same with as many apps as nobody has. */
export const measureManyPlans = (): Promise<readonly Claim[]> => measurePlan(MANY);

async function planOf(workspace: string, stacks: number, goal: number, rounds: number): Promise<readonly Claim[]> {
  const apps = stacks - 1;
  mkdirSync(join(workspace, 'environments'), { recursive: true });
  writeFileSync(join(workspace, 'ffops.yaml'), 'name: bench\n');
  writeFileSync(join(workspace, 'environments', 'dev.yaml'), environmentFile('local', appNames(apps)));
  console.log(`  applying ${stacks} stacks first`);
  ffops(workspace, apps, 'apply', '-e', 'dev', '--sandbox', '--yes');

  const folder = join(workspace, '.ffops', 'sandbox', 'dev');
  const folders = readdirSync(join(folder, 'stacks')).map((stack) => join(folder, 'stacks', stack));
  const env = tofuVariables(workspace, apps, folder);
  const tofu = toolPath('tofu');
  const raw = (width: number): Contender => ({
    name: `raw ${width}`,
    program: 'sh',
    args: [
      '-c',
      `printf '%s\\n' "$@" | xargs -P ${width} -I FOLDER "${tofu}" -chdir=FOLDER plan -input=false -detailed-exitcode`,
      'sh',
      ...folders,
    ],
    env,
  });
  const ours: Contender = {
    name: 'ffops',
    program: process.execPath,
    args: [...bench, 'plan', '-e', 'dev', '--sandbox', '--detailed-exitcode', '--workspace', workspace],
    env: { FFOPS_BENCH_APPS: appNames(apps).join() },
  };
  const terragrunt = onPath('terragrunt');
  const peers = terragrunt === undefined ? [] : [peer(terragrunt, tofu, folder, env)];
  const runs = await race([ours, ...WIDTHS.map(raw), ...peers], rounds);
  const of = (name: string): readonly Run[] => runs.get(name) ?? [];
  const seconds = (name: string): number => median(of(name).map((run) => run.seconds));
  const best = WIDTHS.map((width) => `raw ${width}`).reduce((one, other) =>
    seconds(other) < seconds(one) ? other : one,
  );
  const memory = Math.max(...of('ffops').map((run) => run.megabytes ?? Number.NaN));
  return [
    {
      what: `plan of ${stacks} stacks that changes nothing, against tofu with ${best.replace('raw', 'xargs -P')}`,
      value: ratio(of('ffops'), of(best)),
      unit: '×',
      goal,
    },
    ...(peers.length > 0
      ? [
          {
            what: `the same against terragrunt run --all plan`,
            value: ratio(of('ffops'), of('terragrunt')),
            unit: '×',
            goal: 1,
          } as const,
        ]
      : []),
    { what: `the same, median`, value: seconds('ffops'), unit: 's' },
    {
      what: `memory of ffops itself, ${stacks} stacks`,
      value: memory,
      unit: 'MB',
      ...(stacks === 100 ? { goal: 150 } : {}),
    },
    ...(stacks === 12 ? await statusOf(workspace, apps) : []),
  ];
}

async function statusOf(workspace: string, apps: number): Promise<readonly Claim[]> {
  const args = [...bench, 'status', '-e', 'dev', '--sandbox', '--workspace', workspace];
  const runs = await race(
    [{ name: 'status', program: process.execPath, args, env: { FFOPS_BENCH_APPS: appNames(apps).join() } }],
    5,
  );
  return [
    { what: 'status', value: median((runs.get('status') ?? []).map((run) => run.seconds)), unit: 's', goal: 1.5 },
  ];
}

const bench = [join(root, 'bench', 'ffops.mjs')];

function ffops(workspace: string, apps: number, ...args: readonly string[]): string {
  return execFileSync(process.execPath, [...bench, ...args, '--workspace', workspace], {
    encoding: 'utf8',
    env: { ...process.env, FFOPS_BENCH_APPS: appNames(apps).join() },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** What the rendered README says a person sets to run the modules without ffops. */
function tofuVariables(workspace: string, apps: number, folder: string): Readonly<Record<string, string>> {
  const passphrase = ffops(workspace, apps, 'secrets', 'get', STATE_PASSPHRASE, '-e', 'dev', '--sandbox').trim();
  return {
    TF_ENCRYPTION: encryptionConfig(new Secret(passphrase)).reveal(),
    TF_CLI_CONFIG_FILE: join(folder, '..', 'tofu.rc'),
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    TF_VAR_app_env: 'dev',
    KUBECONFIG: join(folder, 'kubeconfig'),
    KUBE_CONFIG_PATH: join(folder, 'kubeconfig'),
  };
}

/**
 * The peer plans copies of the stacks, in a folder beside theirs, and makes copies of those in turn: there the states have
 * whole paths, and the charts lie where modules look. What it needs must not stand where ffops reads.
 */
function peer(terragrunt: string, tofu: string, folder: string, env: Readonly<Record<string, string>>): Contender {
  const stacks = join(folder, 'peer');
  cpSync(join(folder, 'stacks'), stacks, { recursive: true, verbatimSymlinks: true });
  const names = readdirSync(stacks);
  for (const stack of names) {
    writeFileSync(join(stacks, stack, 'terragrunt.hcl'), withBackend(join(folder, 'state', `${stack}.tfstate`)));
    symlinkSync(join(folder, '..', 'charts'), join(stacks, stack, 'charts'));
  }
  const args = ['run', '--all', '--non-interactive', '--tf-path', tofu, 'plan'];
  const first = spawnSync(terragrunt, args, { cwd: stacks, env: { ...process.env, ...env }, encoding: 'utf8' });
  const unchanged = first.stdout.split('No changes.').length - 1;
  if (unchanged !== names.length)
    throw new Error(`terragrunt finds ${unchanged} of ${names.length} stacks unchanged: it does another work`);
  return { name: 'terragrunt', program: terragrunt, args, cwd: stacks, env };
}

function withBackend(state: string): string {
  return `generate "backend" {
  path      = "backend.tf"
  if_exists = "overwrite"
  contents  = <<TF
terraform {
  backend "local" {
    path = ${JSON.stringify(state)}
  }
}
TF
}
`;
}

function toolPath(name: string): string {
  const listed = JSON.parse(
    execFileSync(process.execPath, [join(root, 'bin', 'run.js'), 'toolchain', 'list', '--json'], { encoding: 'utf8' }),
  ) as {
    readonly result: {
      readonly tools: readonly { readonly name: string; readonly found?: { readonly path: string } }[];
    };
  };
  const path = listed.result.tools.find((tool) => tool.name === name)?.found?.path;
  if (path === undefined) throw new Error(`${name} is not there: run \`ffops toolchain install\` first`);
  return path;
}

function onPath(name: string): string | undefined {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  return found !== undefined && spawnSync(found, ['--version']).status === 0 ? found : undefined;
}
