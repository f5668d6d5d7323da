/** Where environments can run, in the order people should read them. One line per platform. */
import type { Platform } from '../model/plugs.ts';
import { doks } from './doks/platform.ts';
import { local } from './local/platform.ts';

const list: readonly Platform[] = [doks, local];

export const platforms: ReadonlyMap<string, Platform> = new Map(list.map((platform) => [platform.id, platform]));
