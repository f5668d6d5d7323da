/** What a backup has and the cluster has not. */
import { objectsIfKnown } from '../cluster/ask.ts';
import type { BackupDeps } from './hands.ts';
import type { WantedObject } from './verify.ts';

/** `namespace/Kind name` of each. */
export async function missingObjects(deps: BackupDeps, wanted: readonly WantedObject[]): Promise<readonly string[]> {
  const pin = await deps.pin();
  const missing: string[] = [];
  for (const kind of new Set(wanted.map((one) => one.kind))) {
    const found = (await objectsIfKnown(deps.run, pin, [resourceOf(kind)])) ?? [];
    const there = new Set(found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const { namespace, name } of wanted.filter((one) => one.kind === kind)) {
      if (!there.has(`${namespace}/${name}`)) missing.push(`${namespace}/${kind.split('/').at(-1)} ${name}`);
    }
  }
  return missing.sort();
}

/** `apps/v1/Deployment` → `Deployment.v1.apps`, as kubectl wants it; `v1/Secret` → `Secret`. */
function resourceOf(kind: string): string {
  const parts = kind.split('/');
  return parts.length === 3 ? `${parts[2]}.${parts[1]}.${parts[0]}` : (parts[1] ?? kind);
}
