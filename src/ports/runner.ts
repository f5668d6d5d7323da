import type { Secret } from '../model/secret.ts';

/** Starts programs. A secret is not a valid argument: it travels by environment or by stdin. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to a small inherited set (PATH, HOME, locale, proxies); the rest of the parent's variables do not leak in. */
  readonly env?: Readonly<Record<string, string | Secret | undefined>>;
  /** Nothing by default, so that no tool waits for a keyboard. */
  readonly stdin?: string | Uint8Array | Secret;
  /** Its stdin is this file's content, and its stdout goes to this file (0600) instead of the outcome: for what is large, or no text. */
  readonly inputFile?: string;
  readonly outputFile?: string;
  /** Lines as they come; the whole output is in the result all the same. */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Hands the terminal over (editors, shells): nothing is captured. */
  readonly interactive?: boolean;
  /** What it prints is nobody's business: it may leave a part of itself running that holds on to its output. */
  readonly unheard?: boolean;
  readonly timeoutMs?: number;
  /** Asked once: the program gets one SIGINT and finishes what is in flight. Forced: it is killed. */
  readonly interruption?: Interruption;
  /** Short, and half of it would be worse than all of it: it hears nothing of the first wish to stop, only of the forced one. */
  readonly finishes?: boolean;
  /** Told once the program runs: who wants to recognise it after a crash writes its pid down. */
  readonly onStart?: (pid: number) => void;
  /**
   * Both output streams go to this file (0600, made anew) instead of a pipe, and `onLine` and the outcome read it from
   * there as stdout: the program lives on, rather than dying of a broken pipe, when ffops itself is killed.
   */
  readonly logFile?: string;
}

export interface Outcome {
  readonly exitCode: number;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

export interface Runner {
  /** Resolves whatever the exit code; throws ToolMissingError when the program cannot be started. */
  run(command: Command): Promise<Outcome>;
}

/** The user's wish to stop, as it grows. */
export interface Interruption {
  readonly requested: boolean;
  readonly forced: boolean;
  /** Calls back at once when it was requested already; returns how to stop listening. */
  onRequest(listener: () => void): () => void;
  onForce(listener: () => void): () => void;
}
