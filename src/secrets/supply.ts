/** Values for what an environment wants and nobody has supplied yet. */
import type { Secret } from '../model/secret.ts';
import type { SecretWant } from '../model/blueprint.ts';
import { generateValue, makeValue } from './generate.ts';
import { prepareStore } from './init.ts';
import { openStore, type SecretStore, type StoreHands } from './store.ts';
import type { SecretsPlace } from './place.ts';

/** Makes up every value that can be, where it is missing or empty; returns their names. */
export async function generateMissing(
  store: SecretStore,
  wants: readonly SecretWant[],
  now: Date,
): Promise<readonly string[]> {
  const values: ReadonlyMap<string, Secret> = (await store.exists()) ? await store.values() : new Map();
  const made = new Map<string, Secret>();
  for (const want of wants) {
    const value = hasValue(values, want.name) ? undefined : makeValue(want, now);
    if (value !== undefined) made.set(want.name, value);
  }
  await store.write(made);
  return [...made.keys()];
}

/**
 * The sandbox's own secrets. They are made on first use, asked ones included, with a key of their own: the workspace's
 * file and key are never opened. `given` are the values that the simulated cloud lets in.
 */
export function sandboxStore(
  hands: StoreHands,
  place: SecretsPlace,
  wants: readonly SecretWant[],
  given: ReadonlyMap<string, Secret>,
): SecretStore {
  const store = openStore(hands, place);
  let ready: Promise<void> | undefined;

  async function supply(): Promise<void> {
    const there = await store.exists();
    if (!there) await prepareStore(hands, place);
    const values: ReadonlyMap<string, Secret> = there ? await store.values() : new Map();
    const made = new Map<string, Secret>();
    for (const want of wants) {
      const wanted = given.get(want.name);
      if (wanted !== undefined) {
        if (values.get(want.name)?.reveal() !== wanted.reveal()) made.set(want.name, wanted);
      } else if (want.supply.kind !== 'derived' && !hasValue(values, want.name)) {
        made.set(want.name, makeValue(want, hands.clock.now()) ?? generateValue(standIn));
      }
    }
    await store.write(made);
  }

  async function supplied(): Promise<SecretStore> {
    await (ready ??= supply());
    return store;
  }

  return {
    place,
    exists: async () => (await supplied()).exists(),
    names: async () => (await supplied()).names(),
    values: async () => (await supplied()).values(),
    write: async (values) => (await supplied()).write(values),
    edit: async () => (await supplied()).edit(),
  };
}

/** Nobody checks what a person would have been asked for. */
const standIn = { kind: 'generated', length: 32, alphabet: 'alphanumeric' } as const;

function hasValue(values: ReadonlyMap<string, Secret>, name: string): boolean {
  return (values.get(name)?.reveal() ?? '') !== '';
}
