import type { Secret } from './secret.ts';

/**
 * What differs between the real world and the sandbox: where ffops keeps its working files, and which variables point
 * the tools elsewhere. The rendered modules are the same bytes in both.
 */
export interface Surroundings {
  readonly kind: 'real' | 'sandbox';
  /** False where no pod has a process behind it: a sandbox with simulated nodes. Nobody is dialled there, and nothing says a word. */
  readonly podsRun: boolean;
  /** `.ffops`, or `.ffops/sandbox`: stacks, kubeconfig, plans and the journal of an environment lie in `<root>/<env>`. */
  readonly root: string;
  /** The sops file of an environment and the age identity that opens it. */
  readonly secretsFile: string;
  readonly ageKeyFile: string;
  /** For every tool: endpoints (DIGITALOCEAN_API_URL, SPACES_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, …). */
  readonly variables: Readonly<Record<string, string | Secret>>;
  /** Where this machine reaches object storage, which pods may reach elsewhere; absent where the environment's address is everybody's. */
  readonly storageUrl?: string;
  /** Module variables whose default is production's: set as TF_VAR_<name> where a stack declares them. */
  readonly tofuVariables: Readonly<Record<string, string>>;
}
