import { parse } from 'yaml';
import { z } from 'zod';
import type { Ports } from '../../ports/ports.ts';
import { kubeconfigFiles } from '../../tools/kubectl.ts';

const kubeconfig = z.looseObject({ contexts: z.array(z.looseObject({ name: z.string() })).catch([]) });
/** As minikube, Docker Desktop and kind name what they make. */
const OWN = /^(minikube|docker-desktop|kind-.+)$/;

/** Contexts of clusters that run on this machine: pods run for real there, without a sandbox. */
export async function ownClusters({
  files,
  variables,
}: Pick<Ports, 'files' | 'variables'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of kubeconfigFiles(variables)) {
    const { data } = kubeconfig.safeParse(
      parse((await files.read(path).catch(() => undefined)) ?? '', { logLevel: 'silent' }),
    );
    found.push(...(data?.contexts ?? []).map(({ name }) => name).filter((name) => OWN.test(name)));
  }
  return found;
}
