import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { LOCK_FILE } from '../model/workspace.ts';
import type { Context } from './context.ts';

/** Downloads are recorded in the workspace; tools are installed outside of one as well, and then in the cache. */
export async function lockFileOf(context: Context): Promise<string | undefined> {
  try {
    return join((await context.workspace()).root, LOCK_FILE);
  } catch (error) {
    if (error instanceof UserError && error.code === 'workspace.missing' && context.flags.workspace === undefined)
      return undefined;
    throw error;
  }
}
