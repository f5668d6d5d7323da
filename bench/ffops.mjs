// ffops as users run it (compiled), with a catalogue that knows as many apps as FFOPS_BENCH_APPS says.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hello } from '../dist/catalogue/hello/entry.js';
import { registry } from '../dist/blueprint/registry.js';
import { main } from '../dist/cli/main.js';
import { appNames, copyOf } from './many-apps.ts';

for (const name of appNames(Number(process.env.FFOPS_BENCH_APPS ?? '0')))
  registry.entries.set(name, copyOf(hello, name));

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await main(
  { root, pjson: createRequire(import.meta.url)('../package.json'), fromSource: false },
  process.argv.slice(2),
);
