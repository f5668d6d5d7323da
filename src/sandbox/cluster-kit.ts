import { join } from 'node:path';
import type { Controller, Scene } from './controllers/controller.ts';
import { startVeleroData } from './controllers/velero-data.ts';
import { startVeleroServers, type VeleroPrograms } from './controllers/velero-server.ts';
import type { KubernetesPrograms } from './kubernetes/control-plane.ts';
import type { EgressGate } from './kubernetes/egress-gate.ts';
import type { PartHome } from './processes/part.ts';
import type { RealNodeKit } from './real/kit.ts';

/** What every cluster of a sandbox is made with. */
export interface ClusterKit {
  readonly kubernetes: KubernetesPrograms;
  readonly velero: VeleroPrograms;
  /** Where the nodes of the cloud's clusters are real. */
  readonly real?: RealNodeKit | undefined;
  /** Of this machine's loopback: where Spaces answers. Pods of real nodes find it under the API server's address. */
  readonly spacesPort: number;
  readonly home: PartHome;
  readonly gate: EgressGate;
  readonly gateSocket: string;
  /** One folder per cluster lies here. */
  readonly folder: string;
}

export interface ClusterNames {
  /** Names its parts and logs. */
  readonly name: string;
  /** Names its folder. */
  readonly id: string;
  readonly kubeconfig: string;
}

/** Velero, in whichever cluster it is released. */
export function playVelero(
  kit: ClusterKit,
  { name, id, kubeconfig }: ClusterNames,
  scene: Scene,
): readonly Controller[] {
  const options = {
    programs: kit.velero,
    home: kit.home,
    cluster: name,
    kubeconfig,
    folder: join(kit.folder, id, 'velero'),
  };
  return [startVeleroServers(scene, options), startVeleroData(scene)];
}
