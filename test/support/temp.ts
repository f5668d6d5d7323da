import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test file or test; removed at the end, whatever happened. */
export function tempFolder(): { readonly path: string; readonly remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'ffops-test-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
