// ffops as users run it (compiled), with a catalogue that has the small app under as many names as FFOPS_BENCH_APPS lists. Plain
// JavaScript: what strips types takes memory and time of its own.
import { createRequire, enableCompileCache } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// As the launcher does; what is to be kept must be loaded after it.
enableCompileCache();
const [{ hello }, { registry }, { main }] = await Promise.all([
  import('../dist/catalogue/hello/entry.js'),
  import('../dist/blueprint/registry.js'),
  import('../dist/cli/main.js'),
]);

const names = (process.env.FFOPS_BENCH_APPS ?? '').split(',').filter((name) => name !== '');
for (const name of names) registry.entries.set(name, copyOf(hello, name));

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await main(
  { root, pjson: createRequire(import.meta.url)('../package.json'), fromSource: false },
  process.argv.slice(2),
);

/** The same releases, volumes and secrets under another name. */
function copyOf(entry, name) {
  return {
    ...entry,
    id: name,
    title: `Synthetic app ${name}`,
    contribute: (request) => {
      const apps = { [entry.id]: request.environment.apps[name] ?? {} };
      return renamed(entry.contribute({ ...request, environment: { ...request.environment, apps } }), entry.id, name);
    },
  };
}

/** Every word that is the entry's id or begins with it; its chart and its template stay. */
function renamed(contribution, from, to) {
  const word = new RegExp(`^${from}(?=$|[./-])`);
  const copied = (value, key) => {
    if (typeof value === 'string') return key === 'values' ? value : value.replace(word, to);
    if (Array.isArray(value)) return value.map((item) => copied(item));
    if (typeof value !== 'object' || value === null || value.kind === 'first-party') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copied(item, name)]));
  };
  return copied(contribution);
}
