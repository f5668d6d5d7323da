/** ffops as people run it, in a workspace with a sandbox of its own: what the product tests and the chaos tests share. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxLayout } from '../../src/sandbox/layout.ts';
import { cacheRoot } from '../../src/toolchain/layout.ts';
import { cliHome, projectRoot, type CliOutcome } from './cli.ts';
import { testPorts, toolchain } from './tools.ts';

export interface Product {
  readonly folder: string;
  /** `-e prod --sandbox` is added; stdout is one JSON document with `--json`. Rejects with all it printed on another exit code. */
  ffops(args: readonly string[], expected?: number | readonly number[], stdin?: string): Promise<CliOutcome>;
  /** The same, with its JSON result. */
  result<T>(args: readonly string[], expected?: number | readonly number[]): Promise<T>;
  /** kubectl itself, as `ffops kube` would call it, without a start of ffops for every look. Rejects with what it printed. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Started and left alone; `stdin` is piped in. */
  start(args: readonly string[], stdin?: string): RunningFfops;
  /** Changes the environment file. */
  edit(change: (text: string) => string): void;
  /** A path of the simulated API, or of what only a sandbox has. */
  api<T>(method: string, path: string, body?: object): Promise<T>;
  inventory(): Promise<readonly InventoryItem[]>;
  close(): Promise<void>;
}

export interface InventoryItem {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly madeBy: string;
}

export interface RunningFfops {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when a line matches; rejects when ffops ends before. */
  seen(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

export function openProduct(environment?: string): Product {
  const home = cliHome('fullfrontend');
  const file = join(home.folder, 'environments', 'prod.yaml');
  if (environment !== undefined) writeFileSync(file, environment);
  const variables = { FFOPS_CACHE: cacheRoot(process.env), FFOPS_OFFLINE: '1' };
  const full = (args: readonly string[]): string[] => {
    const at = args.indexOf('--');
    const [own, rest] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)];
    return [...own, '-e', 'prod', '--sandbox', ...rest];
  };

  const ffops: Product['ffops'] = async (args, expected = 0, stdin = undefined) => {
    const outcome = await home.run(full(args), { variables, ...(stdin === undefined ? {} : { stdin }) });
    if ([expected].flat().includes(outcome.exitCode ?? -1)) return outcome;
    throw new Error(
      [
        `ffops ${args.join(' ')} ended with ${String(outcome.exitCode)}, not ${String(expected)}`,
        outcome.stdout.slice(-6000),
        outcome.stderr.slice(-6000),
        `the sandbox says: ${daemonLog(home.folder)}`,
      ].join('\n'),
    );
  };

  let url: string | undefined;
  const cloudUrl = async (): Promise<string> => {
    const status = (await home.run(['sandbox', 'status', '--json'], { variables })).json<{
      result: { status: { digitaloceanUrl: string } };
    }>();
    return status.result.status.digitaloceanUrl;
  };
  const api: Product['api'] = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const keys = JSON.parse(readFileSync(sandboxLayout(home.folder).keysFile, 'utf8')) as { digitaloceanToken: string };
    url ??= await cloudUrl();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${keys.digitaloceanToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

  const kubectl: Product['kubectl'] = async (args, stdin = '') => {
    const { path: program } = await (await toolchain()).resolveTool('kubectl');
    const kubeconfig = join(sandboxLayout(home.folder).root, 'prod/kubeconfig');
    const env = { HOME: home.home, KUBECONFIG: kubeconfig };
    const command = { program, args, cwd: home.folder, env, stdin };
    const { exitCode, stdout, stderr } = await testPorts().runner.run(command);
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${String(exitCode)}\n${stdout}${stderr}`);
    return stdout;
  };

  return {
    folder: home.folder,
    ffops,
    kubectl,
    api,
    result: async <T>(args: readonly string[], expected?: number | readonly number[]) =>
      (await ffops([...args, '--json'], expected)).json<{ result: T }>().result,
    start: (args, stdin) =>
      startFfops(full(args), home.folder, { ...variables, HOME: home.home, PATH: '/usr/bin:/bin' }, stdin),
    edit: (change) => writeFileSync(file, change(readFileSync(file, 'utf8'))),
    inventory: async () => (await api<{ items: readonly InventoryItem[] }>('GET', '/_sandbox/inventory')).items,
    close: async () => {
      await home.run(['sandbox', 'stop'], { variables });
      home.remove();
    },
  };
}

function startFfops(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  stdin = '',
): RunningFfops {
  const child = spawn(process.execPath, [join(projectRoot, 'bin/run.js'), ...args], { cwd, env, stdio: 'pipe' });
  child.stdin.end(stdin);
  let output = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(output)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => {
        look();
        if (listeners.delete(look)) reject(new Error(`ended without ${String(pattern)}:\n${output.slice(-4000)}`));
      });
    });
  return { child, output: () => output, seen, ended };
}

function daemonLog(workspace: string): string {
  try {
    return readFileSync(join(sandboxLayout(workspace).root, 'runtime', 'logs', 'daemon.log'), 'utf8').slice(-2000);
  } catch {
    return 'nothing';
  }
}
