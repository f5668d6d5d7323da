/** What a person needs to run the rendered modules without ffops. */
import { CHARTS_VARIABLE } from '../model/addresses.ts';
import type { Blueprint, SecretPart } from '../model/blueprint.ts';

export function readmeContext(blueprint: Blueprint) {
  const { workspace, environment, stacks, namespaces } = blueprint;
  return {
    workspace,
    environment,
    environmentFile: `environments/${environment}.yaml`,
    secretsFile: `secrets/${environment}.sops.yaml`,
    stacks: stacks.map(({ name, title, dependsOn }) => ({ name, title, below: dependsOn.join(', ') || 'nothing' })),
    variables: environmentVariables(blueprint),
    moduleVariables: stacks.flatMap(({ name: stack, variables }) =>
      variables
        .filter((variable) => variable.name !== CHARTS_VARIABLE)
        .map(({ name, description }) => ({ name, description, stack })),
    ),
    cluster: clusterContext(blueprint),
    namespaces,
    secrets: blueprint.kubernetesSecrets.flatMap(({ namespace, name, data }) =>
      Object.entries(data).map(([key, parts]) => ({ namespace, name, key, parts: sentence(parts) })),
    ),
  };
}

function clusterContext({ cluster }: Blueprint) {
  if (cluster === undefined) return null;
  return cluster.kind === 'doctl'
    ? { doctl: cluster.name, stack: cluster.stack, context: null }
    : { doctl: null, stack: null, context: cluster.context };
}

/** Every variable that tools read, with what it holds and which stacks want it. */
function environmentVariables({ stacks, state, cluster, secrets }: Blueprint) {
  const descriptions = new Map(secrets.map(({ name, description }) => [name, description]));
  const wanted = new Map<string, { readonly meaning: string; readonly stacks: string[] }>();
  const want = (name: string, meaning: string, stack: string): void => {
    const known = wanted.get(name);
    if (known === undefined) wanted.set(name, { meaning, stacks: [stack] });
    else known.stacks.push(stack);
  };
  const secret = (name: string): string => `the secret ${name}: ${descriptions.get(name) ?? ''}`;
  for (const stack of stacks) {
    if (state.kind === 's3') {
      want('AWS_ENDPOINT_URL_S3', `${state.endpoint}, where the state is`, stack.name);
      for (const [variable, name] of Object.entries(state.credentials)) want(variable, secret(name), stack.name);
    }
    for (const [variable, name] of Object.entries(stack.credentials)) want(variable, secret(name), stack.name);
    if (stack.needsCluster && cluster !== undefined) {
      want('KUBECONFIG', 'the kubeconfig of the cluster', stack.name);
      want('KUBE_CONFIG_PATH', 'the same file', stack.name);
      if (cluster.kind === 'context') want('KUBE_CTX', `${cluster.context}, the context in it`, stack.name);
    }
  }
  return [...wanted].map(([name, { meaning, stacks: names }]) => ({
    name,
    meaning,
    stacks: names.length === stacks.length ? 'every stack' : names.join(', '),
  }));
}

/** Text as it is, secrets by their name: `[default]… {spaces.accessKey}`. */
function sentence(parts: readonly SecretPart[]): string {
  return parts.map((part) => ('secret' in part ? `{${part.secret}}` : JSON.stringify(part.text).slice(1, -1))).join('');
}
