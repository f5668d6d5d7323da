/** Flags that the commands of the engine share. */
import { boolean, integer, string } from '@oclif/core/flags';
import type { Selection } from '../engine/selection.ts';

export const selectionFlags = {
  stack: string({
    description: 'only this stack and what it depends on; repeats',
    helpValue: 'NAME',
    multiple: true,
    default: [],
  }),
  only: boolean({ description: 'with --stack: leave out what it depends on' }),
  parallel: integer({ description: 'stacks at once; by cores and memory when absent', min: 1 }),
};

export const loseDataFlag = {
  'allow-data-loss': string({
    description: 'this may be lost (the plan names it); repeats',
    helpValue: 'NAME',
    multiple: true,
    default: [],
  }),
};

export const adoptFlag = {
  adopt: string({
    description: 'manage this existing thing from now on; repeats',
    helpValue: 'NAME',
    multiple: true,
    default: [],
  }),
};

export function selectionOf(flags: { readonly stack: readonly string[]; readonly only: boolean }): Selection {
  return { stacks: flags.stack, only: flags.only };
}
