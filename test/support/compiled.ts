/** For a Node that runs our source: what an earlier one stripped of its types, it need not strip again. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where bin/run.js keeps it, too. */
export const COMPILED = {
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'node-compile-cache'),
};
