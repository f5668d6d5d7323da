import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { LOCK_FILE, VENDORED_CHARTS } from '../model/workspace.ts';
import type { ToolchainOptions } from '../toolchain/toolchain.ts';
import type { Context } from './context.ts';

/** Downloads are recorded in the workspace; tools are installed outside of one as well, and then in the cache. */
export async function lockFileOf(context: Context): Promise<string | undefined> {
  return (await placesOf(context)).lockFile;
}

/** What of the workspace the toolchain works with. */
export async function placesOf(context: Context): Promise<Pick<ToolchainOptions, 'lockFile' | 'charts'>> {
  try {
    const { root, chartMirror } = await context.workspace();
    return { lockFile: join(root, LOCK_FILE), charts: { folder: join(root, VENDORED_CHARTS), mirror: chartMirror } };
  } catch (error) {
    if (error instanceof UserError && error.code === 'workspace.missing' && context.flags.workspace === undefined)
      return {};
    throw error;
  }
}
