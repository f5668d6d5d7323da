/**
 * What each stack was when it was last applied, kept beside its module. An environment forgets what is taken out of it;
 * what that held, and how it is destroyed, must still be known.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Stack } from '../model/blueprint.ts';
import type { Ports } from '../ports/ports.ts';

const noteSchema = z.looseObject({
  name: z.string(),
  resources: z.array(z.looseObject({ address: z.string() })),
  releases: z.array(z.looseObject({})),
});

/** Below `.terraform`, which rendering leaves alone and which moves with the module. */
function noteOf(folder: string): string {
  return join(folder, '.terraform', 'ffops-applied.json');
}

export async function noteApplied(files: Ports['files'], folder: string, stack: Stack): Promise<void> {
  const text = `${JSON.stringify(stack)}\n`;
  if ((await files.read(noteOf(folder))) !== text) await files.write(noteOf(folder), text);
}

/** Undefined when it was never applied from here, or the note is damaged. */
export async function lastApplied(files: Ports['files'], folder: string): Promise<Stack | undefined> {
  const text = await files.read(noteOf(folder));
  if (text === undefined) return undefined;
  try {
    return noteSchema.parse(JSON.parse(text)) as unknown as Stack;
  } catch {
    return undefined;
  }
}
