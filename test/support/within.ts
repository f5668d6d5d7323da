/** ffops as it was built, within the process of the tests: its folder, variables and streams are its own for the while. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { main } from '../../src/cli/main.ts';
import type { CliOutcome } from './cli.ts';
import { projectRoot } from './project-root.ts';

/** Where listeners of one run would hear of the next. */
const EVENTS = ['uncaughtException', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function runWithin(
  args: readonly string[],
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<CliOutcome> {
  const built = (await import(join(projectRoot, 'dist/cli/main.js'))) as { readonly main: typeof main };
  const pjson = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Parameters<
    typeof main
  >[0]['pjson'];
  const before = { folder: process.cwd(), variables: { ...process.env }, exitCode: process.exitCode };
  const listeners = EVENTS.map((event) => [event, process.listeners(event as 'uncaughtException')] as const);
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  process.chdir(folder);
  become(variables);
  process.exitCode = undefined;
  try {
    await built.main({ root: projectRoot, pjson, fromSource: false }, [...args]);
    const stdout = out.text();
    return {
      exitCode: Number(process.exitCode ?? 0),
      stdout,
      stderr: err.text(),
      json: () => JSON.parse(stdout) as never,
    };
  } finally {
    for (const { release } of [out, err]) release();
    for (const [event, known] of listeners)
      for (const listener of process.listeners(event as 'uncaughtException'))
        if (!known.includes(listener)) process.off(event, listener);
    process.exitCode = before.exitCode;
    become(before.variables);
    process.chdir(before.folder);
  }
}

function become(variables: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) if (variables[name] === undefined) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
}

/** What is written to it, as a pipe would have it: nobody sits there. */
function captured(stream: NodeJS.WriteStream): { readonly text: () => string; readonly release: () => void } {
  const write = stream.write.bind(stream);
  const { isTTY, columns } = stream;
  const known = stream.listeners('error');
  let text = '';
  Object.assign(stream, { isTTY: false, columns: undefined });
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const done = rest.findLast((one) => typeof one === 'function') as (() => void) | undefined;
    if (done !== undefined) queueMicrotask(done);
    return true;
  };
  return {
    text: () => text,
    release: () => {
      stream.write = write;
      Object.assign(stream, { isTTY, columns });
      for (const listener of stream.listeners('error'))
        if (!known.includes(listener)) stream.off('error', listener as () => void);
    },
  };
}
