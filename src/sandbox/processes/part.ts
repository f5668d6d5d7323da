import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MARK, memoryOf } from './proc.ts';

export interface PartSpec {
  /** Also the name of its log file. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface PartStatus {
  readonly name: string;
  readonly state: 'running' | 'restarting' | 'stopped';
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly memoryBytes: number;
}

/** What every part of one sandbox shares. */
export interface PartHome {
  readonly runtime: string;
  readonly logs: string;
  readonly log: (message: string) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const HEALTHY_AFTER_MS = 30_000;

/** A program that runs until it is stopped: when it ends by itself it is started again, each time a little later. */
export class Part {
  readonly #spec: PartSpec;
  readonly #home: PartHome;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #restarts = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;

  constructor(home: PartHome, spec: PartSpec) {
    this.#home = home;
    this.#spec = spec;
  }

  start(): void {
    this.#wanted = true;
    this.#launch();
  }

  /** Resolves when the process is gone. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const done = await Promise.race([ended.then(() => true), sleep(graceMs, false, { ref: false })]);
    if (!done) child.kill('SIGKILL');
    await ended;
  }

  status(): PartStatus {
    const pid = this.#child?.pid;
    const running = this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
    return {
      name: this.#spec.name,
      state: running ? 'running' : this.#wanted ? 'restarting' : 'stopped',
      pid: running ? pid : undefined,
      restarts: this.#restarts,
      memoryBytes: running && pid !== undefined ? memoryOf(pid) : 0,
    };
  }

  #launch(): void {
    mkdirSync(this.#home.logs, { recursive: true });
    const log = openSync(join(this.#home.logs, `${this.#spec.name}.log`), 'a', 0o600);
    // Relative paths (the egress socket) are short and the same for every part: they all start in the runtime folder.
    const child = spawn(this.#spec.program, this.#spec.args, {
      cwd: this.#home.runtime,
      env: partEnvironment(this.#home.runtime, this.#spec.env),
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#startedAt = Date.now();
    child.once('error', (error) => this.#ended(error.message));
    child.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${String(code)}`));
  }

  #ended(reason: string): void {
    if (!this.#wanted) return;
    if (Date.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#home.log(`${this.#spec.name} ended (${reason}); starting it again in ${String(this.#pauseMs)} ms`);
    this.#restarts += 1;
    this.#timer = setTimeout(() => this.#launch(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Only what a part needs: nothing of the user's environment (credentials, proxies, kubeconfigs) reaches it. */
function partEnvironment(runtime: string, own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const temporary = join(runtime, 'tmp');
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  return { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary, ...own, [MARK]: runtime };
}
