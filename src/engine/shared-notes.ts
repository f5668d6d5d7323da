/**
 * What each stack was when it was last applied, and its module, sealed beside its state: when it leaves the environment
 * file, every machine that works on the environment knows of it, not only the one that applied it.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { FfopsError } from '../errors.ts';
import type { Stack } from '../model/blueprint.ts';
import { STATE_PASSPHRASE } from '../model/state-passphrase.ts';
import type { Ports } from '../ports/ports.ts';
import { digestKey, digestOf } from '../secrets/digest.ts';
import { seal, unseal } from '../secrets/sealed.ts';
import { SECRETS_FILE_MISSING } from '../secrets/store.ts';
import { noteApplied } from './applied.ts';
import type { Target } from './contracts.ts';
import type { Engine } from './engine.ts';
import type { Layout } from './layout.ts';
import { moduleFiles } from './module-files.ts';
import { retiredFolder } from './retired.ts';

const ending = '.applied';

const noteSchema = z.object({
  stack: z.custom<Stack>((value) => typeof value === 'object' && value !== null && 'name' in value),
  files: z.record(z.string(), z.string()),
});

/** `changed`: this run applied something. A note that cannot be written is no reason to call the stack failed. */
export async function shareApplied(engine: Engine, stack: Stack, changed: boolean): Promise<void> {
  const { target, layout, ports } = engine;
  if (target.blueprint.state.kind === 'local') return;
  const folder = layout.stack(stack.name);
  const note: z.infer<typeof noteSchema> = { stack, files: await moduleFiles(ports.files, folder) };
  const text = JSON.stringify(note);
  const passphrase = await target.secrets.get(STATE_PASSPHRASE);
  const digest = digestOf(digestKey(passphrase), { text });
  const shared = join(folder, '.terraform', 'ffops-shared');
  if (!changed && (await ports.files.read(shared)) === digest) return;
  try {
    await target.cloud.writeStateObject(stack.name + ending, seal(passphrase, text));
    await ports.files.write(shared, digest);
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    const result = `other machines do not know yet what ${stack.name} is; the next apply tells them`;
    engine.emit({ kind: 'warning', text: `${error.message} So ${result}.` });
  }
}

export async function unshareApplied({ target }: Engine, stack: Stack): Promise<void> {
  if (target.blueprint.state.kind === 's3') await target.cloud.removeStateObject(stack.name + ending);
}

/**
 * Lays the modules of stacks that left the environment, and that this machine does not know, where its own would lie.
 * Returns why it could not, for people.
 */
export async function fetchRetired(ports: Ports, target: Target, layout: Layout): Promise<string | undefined> {
  if (target.blueprint.state.kind === 'local') return undefined;
  const { files } = ports;
  const present = new Set(target.blueprint.stacks.map(({ name }) => name));
  try {
    for (const { name: object } of await target.cloud.stateObjects()) {
      const name = object.slice(0, -ending.length);
      if (!object.endsWith(ending) || present.has(name)) continue;
      const folder = retiredFolder(layout.folder, name);
      if ((await files.info(folder)) !== undefined) continue;
      const sealed = await target.cloud.readStateObject(object);
      const text = sealed === undefined ? undefined : unseal(await target.secrets.get(STATE_PASSPHRASE), sealed);
      const note = text === undefined ? undefined : noteSchema.safeParse(JSON.parse(text)).data;
      if (note === undefined) continue;
      for (const [path, content] of Object.entries(note.files)) await files.write(join(folder, path), content);
      await noteApplied(files, folder, note.stack);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    // Nothing was ever applied by anyone, and what is missing is told with the rest of it.
    if (error.code === SECRETS_FILE_MISSING) return undefined;
    return `Stacks that left the environment may be missing here: ${error.message}`;
  }
}
