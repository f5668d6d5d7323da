import type { MovedState, StateMoveResult } from '../usecases/state-move.ts';
import type { Style } from './style.ts';
import { columns, count } from './text.ts';

export function stateMoveText({ stacks }: StateMoveResult, style: Style): string {
  const table = columns(stacks.map((state) => [state.stack, outcome(state, style), style.dim(state.to)]));
  const aside = stacks.some(({ from, outcome: how }) => how === 'moved' && from?.includes('on this machine'));
  const left = stacks.some(({ from, outcome: how }) => how === 'moved' && !from?.includes('on this machine'));
  return [
    table,
    ...(aside ? ['', 'The old files are beside the new ones, as `.moved`: remove them when you are sure.'] : []),
    ...(left ? ['', 'The old objects are still in their bucket: remove them when you are sure.'] : []),
  ].join('\n');
}

function outcome({ outcome: how, resources, serial }: MovedState, style: Style): string {
  switch (how) {
    case 'moved':
      return style.green(`moved: ${count(resources ?? 0, 'resource')}, serial ${serial ?? 0}, checked`);
    case 'in place':
      return 'is where it should be';
    case 'none':
      return style.dim('was never applied');
  }
}
