/** The variables that tofu gets for one stack: all of its configuration that is not in the module. */
import type { Stack } from '../model/blueprint.ts';
import type { Secret } from '../model/secret.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import type { Target } from './contracts.ts';
import { encryptionConfig } from './encryption.ts';
import type { Layout } from './layout.ts';

export type Variables = Readonly<Record<string, string | Secret>>;

/**
 * tofu and its providers end in seconds and mostly hold little: collecting garbage more seldom saves a tenth of their CPU.
 * Those that hold much (a large chart) come near the limit, and are collected as ever.
 */
const SHORT_LIVED = { GOGC: '400', GOMEMLIMIT: '400MiB' };

/**
 * Later lines win: the sandbox's endpoints over the platform's, the cluster's kubeconfig over everything. Throws
 * UserError when a secret that the stack needs has no value.
 */
export async function stackEnvironment(
  target: Target,
  layout: Layout,
  stack: Stack,
  inputs: Variables,
  cluster: Variables,
): Promise<Variables> {
  const { blueprint, surroundings } = target;
  const state = blueprint.state;
  const credentials = await reveal(target, { ...(state.kind === 's3' ? state.credentials : {}), ...stack.credentials });
  return {
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    ...SHORT_LIVED,
    TF_CLI_CONFIG_FILE: layout.cliConfig,
    ...atOnce(target, stack),
    TF_ENCRYPTION: encryptionConfig(await target.secrets.get(STATE_PASSPHRASE)),
    TF_VAR_app_env: blueprint.environment,
    ...(state.kind === 's3' ? { AWS_ENDPOINT_URL_S3: state.endpoint } : {}),
    ...credentials,
    ...surroundings.variables,
    ...prefixed(declaredOnly(stack, surroundings.tofuVariables)),
    ...prefixed(inputs),
    ...cluster,
  };
}

/**
 * Each release costs a core while its chart is rendered and every kind of the cluster is looked up; more of them than
 * cores run into the provider's own time-outs.
 */
function atOnce({ machine }: Target, stack: Stack): Variables {
  if (stack.releases.length === 0) return {};
  const limit = `-parallelism=${Math.max(2, Math.min(10, machine.cores))}`;
  return { TF_CLI_ARGS_plan: limit, TF_CLI_ARGS_apply: limit };
}

async function reveal(target: Target, names: Readonly<Record<string, string>>): Promise<Variables> {
  const pairs = Object.entries(names).map(
    async ([variable, secret]) => [variable, await target.secrets.get(secret)] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}

function declaredOnly(stack: Stack, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const declared = new Set(stack.variables.map((variable) => variable.name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => declared.has(name)));
}

function prefixed(values: Variables): Variables {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`TF_VAR_${name}`, value]));
}
