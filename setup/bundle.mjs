// src → dist, as few files: Node takes longer to find and read seven hundred modules than most commands take for their work.
// The packages are in them too, but for oclif, which looks for itself on disk.
import Handlebars from 'handlebars';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { COMPILATION } from '../src/render/templates.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is loaded by its path, and so keeps its place; whatever several of them use is shared between them. */
const entries = [
  'cli/main',
  'catalogue/api',
  'sandbox/daemon',
  'sandbox/launcher',
  'sandbox/real/inside',
  // bench/ffops.mjs brings apps of its own.
  'blueprint/registry',
  'catalogue/hello/entry',
  ...globSync('commands/**/*.ts', { cwd: join(root, 'src') }).map((path) => path.slice(0, -'.ts'.length)),
];

const readyTemplates = {
  name: 'ready-templates',
  load(id) {
    if (id !== join(root, 'src/render/ready-templates.ts')) return undefined;
    const folder = join(root, 'templates');
    const ready = globSync('**/*.hbs', { cwd: folder }).map((path) => {
      const source = readFileSync(join(folder, path), 'utf8');
      return `[${JSON.stringify(path.slice(0, -'.hbs'.length))}, ${Handlebars.precompile(source, COMPILATION)}]`;
    });
    return `export const READY = new Map([${ready.join(',\n')}]);`;
  },
};

const knowsWhereItLies = join(root, 'src/installed.ts');
const placeless = {
  name: 'placeless',
  transform(code, id) {
    if (id.startsWith(join(root, 'src/')) && id !== knowsWhereItLies && code.includes('import.meta'))
      throw new Error(`${id}: the build moves code; src/installed.ts knows where ffops lies, and nothing else asks.`);
  },
};

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((path) => [path, join('src', `${path}.ts`)])),
  platform: 'node',
  external: /^@oclif\/core\b/,
  plugins: [readyTemplates, placeless],
  // A package that is not found, or an export that is not there, must not wait until a user comes by.
  onLog: (level, log) => {
    if (level === 'warn') throw new Error(log.message);
  },
});
await bundle.write({
  dir: 'dist',
  entryFileNames: '[name].js',
  // src/installed.ts looks around from where it lies.
  codeSplitting: { groups: [{ name: 'installed', test: /\/src\/installed\.ts$/ }] },
  chunkFileNames: ({ name }) => (name === 'installed' ? '[name].js' : 'chunks/[name].js'),
});
await bundle.close();
