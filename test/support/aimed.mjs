/**
 * Loaded before ffops (`--import`), it makes a real environment meet the sandbox: real secrets, real flags, no `--sandbox`, and
 * endpoints that are the sandbox's. What it changes are the two places where the real world is chosen; everything else is
 * the product as it is. It fails when those places have moved.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const aim = readFileSync(process.env.FFOPS_TEST_AIM, 'utf8');

/** By the file of src: the build says where in its own files each begins. */
const changes = {
  'src/usecases/surroundings.ts': [
    'function realSurroundings(',
    `function realSurroundings(...args) { return { ...unaimed(...args), ...${aim} }; }\nfunction unaimed(`,
  ],
  'src/cli/hands.ts': ['providerSet(flags.sandbox ? "sandbox" : "real")', 'providerSet("sandbox")'],
};

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.includes('/dist/')) return loaded;
    let source = loaded.source.toString();
    for (const [path, [before, after]] of Object.entries(changes)) {
      if (!source.includes(`\n// ${path}\n`)) continue;
      if (!source.includes(before)) throw new Error(`${path} has no ${before}`);
      source = source.replace(before, () => after);
    }
    return { ...loaded, source };
  },
});
