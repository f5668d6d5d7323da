/** Who reads which secret of an environment. Pure. */
import type { Blueprint, KubernetesSecret, Stack } from '../model/blueprint.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';

export interface SecretUses {
  /** Stacks that deliver it to the cluster: applied, they make everything there follow a new value. */
  readonly delivers: readonly string[];
  /** Releases whose workloads restart with a new value. */
  readonly releases: readonly string[];
  /** Stacks whose tools sign in with it. */
  readonly signsIn: readonly string[];
  /** It opens the state, or signs in where the state lies. */
  readonly opensState: boolean;
}

type Read = Pick<Blueprint, 'stacks' | 'cluster' | 'state' | 'secrets' | 'kubernetesSecrets'>;

export function usesOf(blueprint: Read, name: string): SecretUses {
  const derived = blueprint.secrets.flatMap((want) =>
    want.supply.kind === 'derived' && want.supply.from === name ? [want.name] : [],
  );
  const names = new Set([name, ...derived]);
  const delivered = blueprint.kubernetesSecrets.filter((secret) => secretsIn(secret).some((one) => names.has(one)));
  const references = new Set(delivered.map((secret) => `${secret.namespace}/${secret.name}`));
  const readers = blueprint.stacks
    .flatMap((stack) => stack.releases)
    .filter((release) => release.reads.some((reference) => references.has(reference)));
  return {
    delivers: [...new Set(delivered.map((secret) => secret.stack))],
    releases: [...new Set(readers.map((release) => release.name))],
    signsIn: blueprint.stacks
      .filter((stack) => Object.values(stack.credentials).some((credential) => names.has(credential)))
      .map((stack) => stack.name),
    opensState: stateSecrets(blueprint).includes(name),
  };
}

/** Everything without which these stacks can be neither planned nor applied. */
export function neededBy(blueprint: Read, stacks: readonly Stack[]): readonly string[] {
  const { cluster } = blueprint;
  const names = new Set(stacks.map((stack) => stack.name));
  const delivered = blueprint.kubernetesSecrets.filter((secret) => names.has(secret.stack));
  const maker = cluster?.kind === 'doctl' && stacks.some((stack) => stack.needsCluster) ? [cluster.stack] : [];
  const signingIn = blueprint.stacks.filter((stack) => names.has(stack.name) || maker.includes(stack.name));
  const needed = [
    ...stateSecrets(blueprint),
    ...signingIn.flatMap((stack) => Object.values(stack.credentials)),
    ...delivered.flatMap(secretsIn),
  ];
  return [...new Set(needed)];
}

function stateSecrets({ state }: Read): readonly string[] {
  return [STATE_PASSPHRASE, ...(state.kind === 's3' ? Object.values(state.credentials) : [])];
}

function secretsIn({ data }: KubernetesSecret): readonly string[] {
  return Object.values(data)
    .flat()
    .flatMap((part) => ('secret' in part ? [part.secret] : []));
}
