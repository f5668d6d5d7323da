#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The second start compiles nothing.
enableCompileCache?.();

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (existsSync(join(root, 'dist/cli/main.js'))) {
  const { main } = await import('../dist/cli/main.js');
  await main(
    { root, pjson: createRequire(import.meta.url)('../package.json'), fromSource: false },
    process.argv.slice(2),
  );
} else {
  console.error('ffops is not built yet. Run `npm run build` in its folder; it installs what is missing first.');
  process.exitCode = 4;
}
