/** `ffops kube -- …`: the user's own kubectl command, in the environment's cluster and nowhere else. */
import { UserError } from '../errors.ts';
import type { Surroundings } from '../model/surroundings.ts';
import { pinned } from '../tools/kubectl.ts';
import type { EnvironmentHands } from './environment-hands.ts';

/** They dial a pod, and on simulated nodes no pod has a process or an address of its own. */
const dialling = new Set(['attach', 'cp', 'debug', 'exec', 'logs', 'port-forward', 'proxy', 'run', 'top']);

/** Flags of kubectl that would lead elsewhere. */
const elsewhere = /^(--(kubeconfig|context|cluster|server|insecure-skip-tls-verify)(=|$)|-s)/;

/** Flags of kubectl that may come before its verb and whose value is a word of its own. */
const withValue =
  /^(-n|-v|--(namespace|request-timeout|cache-dir|v|vmodule|profile|profile-output|log-flush-frequency|tls-server-name|certificate-authority|client-certificate|client-key|username|password))$/;

function verbOf(args: readonly string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith('-') && !withValue.test(args[index - 1] ?? ''));
}

export interface KubeRequest {
  readonly hands: Pick<EnvironmentHands, 'cluster' | 'run'>;
  readonly surroundings: Pick<Surroundings, 'podsRun'>;
  readonly args: readonly string[];
}

/** kubectl's own exit code. Throws UserError for what would lead to another cluster, or to a pod that is not there. */
export async function kube({ hands, surroundings, args }: KubeRequest): Promise<number> {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const misled = own.find((arg) => elsewhere.test(arg));
  if (misled !== undefined) {
    throw new UserError('kube.elsewhere', {
      message: `${misled} would lead to another cluster: ffops always goes to the environment's own.`,
      hints: ['Choose the environment with `-e`, or use kubectl itself.'],
    });
  }
  const verb = verbOf(own);
  if (!surroundings.podsRun && verb !== undefined && dialling.has(verb)) {
    throw new UserError('kube.noProcess', {
      message: `Pods of the sandbox have no process, so \`kubectl ${verb}\` has nobody to talk to.`,
      hints: ['`get`, `describe`, `apply` and the like work as in a real cluster.'],
    });
  }
  const pin = await hands.cluster.pin();
  const outcome = await hands.run('kubectl', { ...pinned(pin, args), interactive: true });
  return outcome.exitCode;
}
