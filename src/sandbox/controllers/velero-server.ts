import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { splitKey } from '../kubernetes/objects.ts';
import { Reconciler } from '../kubernetes/reconciler.ts';
import { Part, type PartHome } from '../processes/part.ts';
import { freePort } from '../processes/ports.ts';
import type { Container, Controller, Deployment, PodSpec, Scene } from './controller.ts';
import { environmentOf, isAtWork, readSecret } from './pods-of.ts';

export interface VeleroPrograms {
  /** Built to listen on loopback alone; see toolchain/pins.yaml. */
  readonly server: string;
  /** Folder that holds velero-plugin-for-aws and nothing else. */
  readonly plugins: string;
}

export interface VeleroOptions {
  readonly programs: VeleroPrograms;
  readonly home: PartHome;
  /** Names the part and its log. */
  readonly cluster: string;
  readonly kubeconfig: string;
  /** For the credentials of a running server; each leaves with its server. */
  readonly folder: string;
}

/** What a running server was started from: another one means a new start. */
interface Recipe {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

interface Server {
  readonly recipe: Recipe;
  readonly part: Part;
}

const DEPLOYMENT = 'velero';
/** A backup leaves a lot of garbage behind, and nobody needs this server to be fast. */
const GOGC = '50';
const GOMEMLIMIT = '100MiB';
/** Decided here, whatever the release says: where the server finds its plugins and its cluster, and where it listens. */
const OWN_FLAGS = new Set(['--plugin-dir', '--kubeconfig', '--namespace', '--metrics-address', '--profiler-address']);

/**
 * Plays the pod of the Deployment `velero`, which kwok only pretends to run: a real Velero server, with the arguments
 * and the credentials that the release carries.
 */
export function startVeleroServers(scene: Scene, options: VeleroOptions): Controller {
  const { watched, report } = scene;
  const servers = new Map<string, Server>();

  const reconciler = new Reconciler(async (key) => {
    const { namespace, name } = splitKey(key);
    if (name !== DEPLOYMENT) return;
    const recipe = await recipeOf(watched.deployments.get(key), namespace);
    if (isDeepStrictEqual(servers.get(key)?.recipe, recipe)) return;
    await end(key);
    if (recipe !== undefined) await begin(key, namespace, recipe);
  }, report);

  /** Undefined when no server is wanted. */
  async function recipeOf(deployment: Deployment | undefined, namespace: string): Promise<Recipe | undefined> {
    if (!isAtWork(deployment)) return undefined;
    const pod = deployment.spec.template.spec;
    const container = pod.containers.find(isServer);
    if (container === undefined) return undefined;
    return {
      args: serverArguments(container),
      env: await environmentOf(scene, namespace, container),
      files: await mountedSecrets(namespace, pod, container),
    };
  }

  async function begin(key: string, namespace: string, recipe: Recipe): Promise<void> {
    const folder = folderOf(key);
    const written = writeFiles(folder, recipe.files);
    const part = new Part(options.home, {
      name: `${options.cluster}-velero`,
      program: options.programs.server,
      args: [
        ...recipe.args,
        `--namespace=${namespace}`,
        `--kubeconfig=${options.kubeconfig}`,
        `--plugin-dir=${options.programs.plugins}`,
        `--metrics-address=127.0.0.1:${String(await freePort())}`,
        `--profiler-address=127.0.0.1:${String(await freePort())}`,
      ],
      env: {
        ...Object.fromEntries(Object.entries(recipe.env).map(([name, value]) => [name, written[value] ?? value])),
        VELERO_NAMESPACE: namespace,
        GOGC,
        GOMEMLIMIT,
      },
    });
    part.start();
    servers.set(key, { recipe, part });
    report(`velero server of ${key} started`);
  }

  async function end(key: string): Promise<void> {
    const server = servers.get(key);
    if (server === undefined) return;
    await server.part.stop();
    servers.delete(key);
    rmSync(folderOf(key), { recursive: true, force: true });
    report(`velero server of ${key} stopped`);
  }

  function folderOf(key: string): string {
    return join(options.folder, key.replace('/', '.'));
  }

  /** Path inside the container → content. */
  async function mountedSecrets(
    namespace: string,
    pod: PodSpec,
    container: Container,
  ): Promise<Record<string, string>> {
    const files: Record<string, string> = {};
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      const secretName = pod.volumes?.find((volume) => volume.name === name)?.secret?.secretName;
      if (secretName === undefined) continue;
      for (const [key, content] of Object.entries(await readSecret(scene, namespace, secretName))) {
        files[`${mountPath}/${key}`] = content;
      }
    }
    return files;
  }

  const stopWatching = watched.deployments.onChange((key) => reconciler.enqueue(key));
  return {
    parts: () => [...servers.values()].map(({ part }) => part.status()),
    async stop() {
      stopWatching();
      reconciler.stop();
      await Promise.all([...servers.keys()].map(end));
    },
  };
}

function isServer({ command, args }: Container): boolean {
  return [...(command ?? []), ...(args ?? [])].includes('server');
}

export function serverArguments({ args = [] }: Container): readonly string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const [flag = ''] = argument.split('=');
    if (!OWN_FLAGS.has(flag)) kept.push(argument);
    // `--flag value` takes two places.
    else if (!argument.includes('=')) index += 1;
  }
  return kept;
}

/** Returns where each file of the container lies here. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const written: Record<string, string> = {};
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const file = join(folder, `credentials-${String(index)}`);
    writeFileSync(file, content, { mode: 0o600 });
    written[path] = file;
  }
  return written;
}
