export interface Step {
  readonly id: string;
  /** For people: "cloud: network, cluster and pools". */
  readonly title: string;
}

export type StepEnd = 'done' | 'failed' | 'skipped';

/** Progress of a piece of work, on stderr. What is shown last is not a result: results are the command's answer. */
export interface Steps {
  /** Steps that will come, in the order people should read them; again for a later phase. */
  announce(steps: readonly Step[]): void;
  start(id: string): void;
  /** What it is doing now; on a terminal it replaces the one before. */
  note(id: string, text: string): void;
  end(id: string, how: StepEnd, text?: string): void;
  /** A line that stays, apart from any step. */
  say(line: string): void;
  /** Waits until everything is drawn; steps that have not ended are shown as not done. */
  close(): Promise<void>;
}
