/**
 * Loaded before ffops (`--import`), it makes a real environment meet the sandbox: real secrets, real flags, no `--sandbox`, and
 * endpoints that are the sandbox's. What it changes are the two places where the real world is chosen; everything else is
 * the product as it is. It fails when those places have moved.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const aim = readFileSync(process.env.FFOPS_TEST_AIM, 'utf8');

const changes = {
  '/dist/usecases/surroundings.js': [
    'export function realSurroundings(',
    `export function realSurroundings(...args) { return { ...unaimed(...args), ...${aim} }; }\nfunction unaimed(`,
  ],
  '/dist/cli/hands.js': ["providerSet(flags.sandbox ? 'sandbox' : 'real')", "providerSet('sandbox')"],
};

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const change = Object.entries(changes).find(([path]) => url.endsWith(path))?.[1];
    if (change === undefined) return loaded;
    const source = loaded.source.toString();
    if (!source.includes(change[0])) throw new Error(`${url} has no ${change[0]}`);
    return { ...loaded, source: source.replace(change[0], () => change[1]) };
  },
});
