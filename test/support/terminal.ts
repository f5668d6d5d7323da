/**
 * A command at a real terminal: util-linux's `script` gives it one and passes on what is typed. It is an essential package of
 * Debian and Ubuntu, so CI has it; the one of macOS and BSD takes other arguments, and there such tests are skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export const KEYS = { enter: '\r', ctrlC: '\u0003', down: '\u001b[B' } as const;

export interface TerminalSession {
  /** All that was shown so far, without colours and cursor movements. */
  readonly shown: () => string;
  /** Resolves once it is shown after what was waited for before. Rejects with what is shown instead. */
  waitFor(text: string): Promise<void>;
  type(keys: string): void;
  readonly exitCode: Promise<number | null>;
}

export function whyNoTerminal(): string | undefined {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return /util-linux/.test(stdout ?? '') ? undefined : 'there is no `script` of util-linux on this machine';
}

export function atTerminal(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): TerminalSession {
  const line = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let seen = 0;
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const shown = (): string => stripVTControlCharacters(output);
  const exitCode = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    shown,
    exitCode,
    // Drawn first, listened to a moment later: nobody types faster than that.
    type: (keys) => void setTimeout(() => child.stdin.write(keys), 150),
    async waitFor(text) {
      for (const end = Date.now() + 30_000; Date.now() < end;) {
        const at = shown().indexOf(text, seen);
        if (at >= 0) {
          seen = at + text.length;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.kill();
      throw new Error(`"${text}" was not shown; this was:\n${shown()}`);
    },
  };
}
