/** How much an app asks of the nodes: said once for `size: medium`, the other sizes follow. */
import type { AppCosts } from '../model/plugs.ts';
import type { Environment } from '../model/environment.ts';

/** Of one container. There is no limit of processor time: what nobody else wants at the moment may be used. */
export interface Resources {
  /** Thousandths of a processor. */
  readonly cpu: number;
  /** MiB, asked for. */
  readonly memory: number;
  /** MiB, at most. What a program cannot start without is never halved. */
  readonly memoryLimit: number;
}

const ASKED: Readonly<Record<Environment['size'], number>> = { small: 0.5, medium: 1, large: 2 };
const ALLOWED: Readonly<Record<Environment['size'], number>> = { small: 1, medium: 1, large: 2 };

export function sized({ size }: Environment, { cpu, memory, memoryLimit }: Resources): Resources {
  return {
    cpu: Math.ceil(cpu * ASKED[size]),
    memory: Math.ceil(memory * ASKED[size]),
    memoryLimit: memoryLimit * ALLOWED[size],
  };
}

export function resourcesOf(environment: Environment, resources: Resources) {
  const { cpu, memory, memoryLimit } = sized(environment, resources);
  return { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` }, limits: { memory: `${memoryLimit}Mi` } };
}

/** What `app add` tells before anything is added. */
export function costsOf(
  environment: Environment,
  containers: readonly (Resources & { readonly replicas?: number })[],
  diskGi: number,
): AppCosts {
  const memory = containers.map((one) => sized(environment, one).memory * (one.replicas ?? 1));
  return { memoryMi: memory.reduce((sum, one) => sum + one, 0), diskGi };
}
