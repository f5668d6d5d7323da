/**
 * Where ffops itself lies. The build gives this file a place of its own, in `dist` as in `src`; other code may come to lie
 * anywhere below, so that nothing else asks for `import.meta.url`.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside `src` and `dist` alike, and part of the package. */
export function packageFolder(name: 'charts' | 'examples' | 'templates' | 'toolchain'): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

/** A file that is loaded by its path, such as `sandbox/daemon`: TypeScript in the repository, JavaScript in the package. */
export function programFile(path: string): string {
  return fileURLToPath(new URL(`./${path}${extname(import.meta.url)}`, import.meta.url));
}
