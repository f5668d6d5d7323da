import type { ListrTask, ListrTaskWrapper } from 'listr2';
import type { Step, StepEnd, Steps } from '../ports/steps.ts';

/** What a step has heard of so far; listr2's task catches up with it as soon as it is there. */
interface Row {
  readonly step: Step;
  state: 'waiting' | 'running' | StepEnd | 'left';
  note: string;
  refresh: () => void;
}

/** Progress on a terminal: one row for each step, redrawn in place by listr2 (loaded with the first announcement). */
export function liveSteps(): Steps {
  const rows = new Map<string, Row>();
  let drawing: Promise<void> = Promise.resolve();
  const said: string[] = [];
  /** While a list is drawn, anything else on the screen would tear it. */
  let listed = false;

  const change = (id: string, state: Row['state'], note: string): void => {
    const row = rows.get(id);
    if (row === undefined) return;
    row.state = state;
    row.note = note;
    row.refresh();
  };

  const leaveOpenRows = (): void => {
    for (const row of rows.values()) {
      if (row.state !== 'waiting' && row.state !== 'running') continue;
      row.state = 'left';
      row.refresh();
    }
  };

  return {
    announce(steps) {
      listed = true;
      leaveOpenRows();
      rows.clear();
      const fresh = steps.map((step): Row => ({ step, state: 'waiting', note: '', refresh: () => {} }));
      for (const row of fresh) rows.set(row.step.id, row);
      drawing = drawing.then(() => draw(fresh));
    },
    start: (id) => change(id, 'running', ''),
    note: (id, text) => change(id, 'running', text),
    end: (id, how, text) => change(id, how, text ?? ''),
    say: (line) => void (listed ? said.push(line) : process.stderr.write(`${line}\n`)),
    async close() {
      leaveOpenRows();
      await drawing;
      listed = false;
      for (const line of said.splice(0)) process.stderr.write(`${line}\n`);
    },
  };
}

async function draw(rows: readonly Row[]): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const output = new ProcessOutput(process.stderr, process.stderr);
  const list = new Listr(rows.map(taskOf), {
    concurrent: true,
    exitOnError: false,
    // Ctrl-C is ours to handle: the work finishes what is in flight.
    registerSignalListeners: false,
    rendererOptions: {
      logger: new ListrLogger({ useIcons: true, processOutput: output }),
      collapseErrors: false,
      showErrorMessage: false,
    },
  });
  await list.run();
}

type Wrapper = ListrTaskWrapper<unknown, never, never>;

function taskOf(row: Row): ListrTask {
  return {
    title: row.step.title,
    task: (_, wrapper) =>
      new Promise<void>((resolve, reject) => {
        row.refresh = () => show(row, wrapper as unknown as Wrapper, resolve, reject);
        row.refresh();
      }),
  };
}

function show(row: Row, wrapper: Wrapper, resolve: () => void, reject: (error: Error) => void): void {
  const { step, state, note } = row;
  wrapper.title = note === '' ? step.title : `${step.title}  ${note}`;
  if (state === 'waiting') return setState(wrapper, 'WAITING');
  setState(wrapper, 'STARTED');
  if (state === 'done') return resolve();
  if (state === 'failed') return reject(new Error(note));
  if (state === 'skipped') {
    wrapper.skip(wrapper.title);
    return resolve();
  }
  if (state === 'left') {
    setState(wrapper, 'WAITING');
    resolve();
  }
}

/** listr2 starts all tasks at once; a step that only waits must not spin. */
function setState(wrapper: Wrapper, state: 'WAITING' | 'STARTED'): void {
  wrapper.task.state$ = state as never;
}
