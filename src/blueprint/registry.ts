/** Every platform and every entry that this release of ffops knows. */
import { entries } from '../catalogue/index.ts';
import type { Catalogue } from '../model/plugs.ts';
import { platforms } from '../platforms/index.ts';

export const registry: Catalogue = { platforms, entries };
