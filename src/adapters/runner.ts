import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import type { Options } from 'execa';
import { FailedError, ToolMissingError, UserError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Command, Outcome, Runner } from '../ports/runner.ts';
import { fileRefusal } from './file-refusal.ts';
import { inheritedVariables } from './inherited.ts';
import type { SignalInterruption } from './interruption.ts';
import { lineSplitter } from './lines.ts';
import { followLog } from './log-follower.ts';

/** After a polite SIGTERM on a timeout. */
const graceMs = 5000;
const maxOutputBytes = 256 * 1024 * 1024;

/**
 * Programs run in a process group of their own: the terminal's Ctrl-C reaches ffops alone, which then decides what each
 * program hears. `execa` is loaded with the first program, not with ffops.
 */
export function realRunner(
  variables: Readonly<Record<string, string | undefined>>,
  interruption: () => SignalInterruption,
): Runner {
  return {
    run: (command) =>
      command.interactive
        ? runAttached(command, variables, interruption())
        : runDetached(command, variables, interruption()),
  };
}

async function runDetached(
  command: Command,
  variables: Readonly<Record<string, string | undefined>>,
  own: SignalInterruption,
): Promise<Outcome> {
  const { execa } = await import('execa');
  const started = performance.now();
  const log = command.logFile === undefined ? undefined : openLog(command.logFile);
  const output = command.outputFile === undefined ? undefined : openLog(command.outputFile);
  const options: Options = {
    ...commonOptions(command, variables),
    ...stdinOf(command),
    ...(log === undefined ? {} : { stdout: log, stderr: log }),
    ...(output === undefined ? {} : { stdout: output }),
    ...(command.unheard === true ? ({ stdout: 'ignore', stderr: 'ignore' } as const) : {}),
    detached: true,
    maxBuffer: maxOutputBytes,
  };
  const subprocess = execa(command.program, command.args, options);
  for (const file of [log, output]) if (file !== undefined) closeSync(file);
  if (subprocess.pid !== undefined) command.onStart?.(subprocess.pid);
  const lines = watchLines(command, subprocess);
  const interruption = command.interruption ?? own;
  const stopListening = [
    interruption.onRequest(() => (command.finishes ? undefined : signal(subprocess.pid, 'SIGINT'))),
    interruption.onForce(() => signalGroup(subprocess.pid, 'SIGKILL')),
  ];
  const timeout = startTimeout(command, subprocess.pid);

  const result = await subprocess;
  timeout.stop();
  for (const stop of stopListening) stop();
  const logged = lines.finish();
  refuseUnstarted(command, result);
  return { ...outcomeOf(result, started, timeout.fired()), ...(logged === undefined ? {} : { stdout: logged }) };
}

/** Made anew, for our eyes only: a tool's output may quote what it was given. */
function openLog(path: string): 1 {
  try {
    rmSync(path, { force: true });
    // execa takes any descriptor, but its types know the standard ones only.
    return openSync(path, 'wx', 0o600) as 1;
  } catch (error) {
    throw fileRefusal(error, path, 'write');
  }
}

/** The program shares our terminal and our process group: what is typed, Ctrl-C included, is for it. */
async function runAttached(
  command: Command,
  variables: Readonly<Record<string, string | undefined>>,
  own: SignalInterruption,
): Promise<Outcome> {
  const { execa } = await import('execa');
  const started = performance.now();
  const resume = own.pause();
  try {
    const result = await execa(command.program, command.args, {
      ...commonOptions(command, variables),
      stdio: 'inherit',
    });
    refuseUnstarted(command, result);
    return outcomeOf(result, started, false);
  } finally {
    resume();
  }
}

function commonOptions(command: Command, variables: Readonly<Record<string, string | undefined>>) {
  const env = inheritedVariables(variables, command.interactive ?? false);
  for (const [name, value] of Object.entries(command.env ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value instanceof Secret ? value.reveal() : value;
  }
  return {
    cwd: command.cwd,
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  } as const satisfies Options;
}

function stdinOf(command: Command): { input: string | Uint8Array } | { inputFile: string } | { stdin: 'ignore' } {
  if (command.inputFile !== undefined) return { inputFile: command.inputFile };
  if (command.stdin === undefined) return { stdin: 'ignore' };
  return { input: command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin };
}

interface Streams {
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
}

/** `finish` hands on what has no line end yet, and gives what the log holds when there is one. */
function watchLines(command: Command, subprocess: Streams): { finish(): string | undefined } {
  const onLine = command.onLine ?? (() => {});
  if (command.logFile !== undefined) {
    const splitter = lineSplitter((line) => onLine('stdout', line));
    const follower = followLog(command.logFile, (chunk) => splitter.push(chunk));
    return {
      finish: () => {
        const text = follower.stop();
        splitter.flush();
        return text;
      },
    };
  }
  const splitters = (['stdout', 'stderr'] as const).map((name) => {
    const splitter = lineSplitter((line) => onLine(name, line));
    if (command.onLine !== undefined) subprocess[name]?.on('data', (chunk: Uint8Array) => splitter.push(chunk));
    return splitter;
  });
  return {
    finish: () => {
      for (const splitter of splitters) splitter.flush();
      return undefined;
    },
  };
}

function startTimeout(command: Command, pid: number | undefined): { stop(): void; fired(): boolean } {
  if (command.timeoutMs === undefined) return { stop: () => {}, fired: () => false };
  let fired = false;
  let killer: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    fired = true;
    signalGroup(pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  }, command.timeoutMs);
  return {
    stop: () => {
      clearTimeout(timer);
      clearTimeout(killer);
    },
    fired: () => fired,
  };
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended in the meantime, which is what the signal was for.
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid !== undefined) signal(-pid, name);
}

interface Finished {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
  readonly isMaxBuffer: boolean;
  readonly cause?: unknown;
  readonly code?: string;
}

/** execa's own message quotes arguments and output; ours names the program and the cure only. */
function refuseUnstarted(command: Command, result: Finished): void {
  if (result.isMaxBuffer) {
    throw new FailedError('program.tooMuchOutput', {
      message: `${command.program} printed more than ${maxOutputBytes / 1024 / 1024} MB and was stopped.`,
    });
  }
  if (result.exitCode !== undefined || result.signal !== undefined) return;
  if (command.cwd !== undefined && statSync(command.cwd, { throwIfNoEntry: false }) === undefined) {
    throw new UserError('files.missing', {
      message: `The folder ${command.cwd} does not exist.`,
      hints: ['Run `ffops render` first.'],
    });
  }
  const reason =
    result.code === 'EACCES'
      ? 'it is not executable'
      : result.code === 'ENOENT'
        ? 'it is not there'
        : (result.code ?? 'unknown');
  throw new ToolMissingError('tool.missing', {
    message: `${command.program} cannot be started: ${reason}.`,
    hints: ['`ffops doctor` shows which tools are missing and how to get them.'],
  });
}

function outcomeOf(result: Finished, started: number, timedOut: boolean): Outcome {
  return {
    exitCode: result.exitCode ?? 128,
    signal: result.signal,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    durationMs: Math.round(performance.now() - started),
    timedOut,
  };
}
