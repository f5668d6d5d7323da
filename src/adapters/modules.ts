/**
 * TypeScript of a workspace, run as it is: Node strips the types. It lies in a folder without packages, so what it
 * imports as `ffops/catalogue` is handed to it here, and is that of the running ffops.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { programFile } from '../installed.ts';

const CATALOGUE = 'ffops/catalogue';

/** Throws whatever the module throws, and what Node says of one that it cannot read. */
export async function runModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  hook();
  return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
}

let isHooked = false;

function hook(): void {
  if (isHooked) return;
  isHooked = true;
  const catalogue = pathToFileURL(programFile('catalogue/api')).href;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === CATALOGUE) return { url: catalogue, shortCircuit: true };
      const found = next(specifier, context);
      // Said here, as a package.json that does not say it would make Node guess and complain.
      return found.url.endsWith('.ts') ? { ...found, format: 'module-typescript' } : found;
    },
  });
}
