/** What the engine does, as progress. */
import type { EngineEvent, StackOutcome } from '../engine/engine.ts';
import type { StepEnd, Steps } from '../ports/steps.ts';
import type { Style } from './style.ts';

const ends: Readonly<Record<StackOutcome, StepEnd>> = {
  done: 'done',
  unchanged: 'done',
  failed: 'failed',
  skipped: 'skipped',
  stopped: 'skipped',
  unknown: 'skipped',
};

/** Returns once what was asked for is on the screen, so that a question can follow. */
export function showProgress(steps: Steps, style: Style): (event: EngineEvent) => Promise<void> {
  const open = new Map<string, string>();
  const started = new Set<string>();
  let paused = false;

  /** After a question, the steps that have not ended are shown again. */
  const resume = (): void => {
    if (!paused) return;
    paused = false;
    steps.announce([...open].map(([id, title]) => ({ id, title })));
    for (const id of started) if (open.has(id)) steps.start(id);
  };
  const start = (id: string): void => {
    if (started.has(id)) return;
    started.add(id);
    steps.start(id);
  };

  return async (event) => {
    switch (event.kind) {
      case 'stacks':
        paused = false;
        open.clear();
        started.clear();
        for (const { name, title } of event.stacks) open.set(name, `${name}: ${title}`);
        return steps.announce([...open].map(([id, title]) => ({ id, title })));
      case 'stack-began':
        resume();
        start(event.stack);
        return steps.note(event.stack, event.step);
      case 'resource':
        resume();
        return steps.note(event.stack, said[event.phase](event.address));
      case 'stack-ended':
        resume();
        if (!open.delete(event.stack)) return;
        return steps.end(event.stack, ends[event.outcome], event.text);
      case 'note':
        return steps.say(event.text);
      case 'warning':
        return steps.say(style.yellow(event.text));
      case 'pause':
        paused = true;
        return steps.close();
      case 'finished':
        return steps.close();
    }
  };
}

const said = {
  started: (address: string) => `working on ${address}`,
  done: (address: string) => `finished ${address}`,
  failed: (address: string) => `failed at ${address}`,
  'left-volumes': (address: string) => `finished ${address}, which leaves its volumes as it was told to`,
} as const;
