export interface Choice<T> {
  readonly label: string;
  readonly value: T;
  readonly hint?: string;
}

/** What a person sees and types. Data goes to stdout, everything else to stderr. */
export interface Terminal {
  /** True when questions can be asked: both ends are a terminal, not CI, not --json. */
  readonly interactive: boolean;
  /** True when what goes to stdout is seen on a screen, rather than read by a program. */
  readonly seen: boolean;
  /** True when colour is welcome on stderr and stdout (NO_COLOR, CLICOLOR_FORCE, TERM, --no-color). */
  readonly colour: boolean;
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
  /** Each throws ConsentError when nobody can answer, and InterruptedError on Ctrl-C. */
  confirm(question: string, options?: { readonly initial?: boolean }): Promise<boolean>;
  input(
    question: string,
    options?: { readonly initial?: string; readonly check?: (text: string) => string | undefined },
  ): Promise<string>;
  select<T>(question: string, choices: readonly Choice<T>[], options?: { readonly initial?: T }): Promise<T>;
  /** For long lists: typing narrows it down to the labels and hints that contain it. */
  search<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  hidden(question: string): Promise<string>;
  /** All of stdin when something is piped in; undefined when it is a terminal. */
  piped(): Promise<string | undefined>;
}
