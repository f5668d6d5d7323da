import type { Step, StepEnd, Steps } from '../ports/steps.ts';

const words: Readonly<Record<StepEnd, string>> = { done: 'done', failed: 'failed', skipped: 'skipped' };

/** Progress where nobody watches: a line for each thing that happens, in the order it happens. */
export function plainSteps(write: (line: string) => void): Steps {
  const titles = new Map<string, string>();
  const tell = (id: string, text: string) => write(`${titles.get(id) ?? id}: ${text}`);
  return {
    announce: (steps: readonly Step[]) => {
      for (const { id, title } of steps) titles.set(id, title);
    },
    start: (id) => tell(id, 'started'),
    note: tell,
    end: (id, how, text) => tell(id, text === undefined ? words[how] : `${words[how]}, ${text}`),
    say: write,
    close: async () => {},
  };
}

export function silentSteps(): Steps {
  return plainSteps(() => {});
}
