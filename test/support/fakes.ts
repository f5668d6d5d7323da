/**
 * Fakes of every port that fail when surprised: a call nobody expected throws, an expectation nobody used fails in
 * `verify()`. Nothing here touches the machine.
 *
 *     const fakes = fakePorts({ files: { '/w/ffops.yaml': 'name: shop\n' } });
 *     fakes.runner.expect({ program: 'tofu', args: ['version', '-json'] }, { stdout: '{}' });
 *     const result = await verb(fakes.ports, options);
 *     fakes.verify();
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import { Secret } from '../../src/model/secret.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { FileInfo, Files } from '../../src/ports/files.ts';
import type { HttpRequest, HttpResponse, Network } from '../../src/ports/network.ts';
import type { Ports } from '../../src/ports/ports.ts';
import type { Command, Interruption, Outcome, Runner } from '../../src/ports/runner.ts';
import type { Terminal } from '../../src/ports/terminal.ts';

export class SurpriseError extends Error {}

function surprise(what: string): never {
  throw new SurpriseError(what);
}

// ---------------------------------------------------------------- programs

/** What a test says about a run; what it leaves out may be anything. */
export interface CommandMatch {
  readonly program: string | RegExp;
  /** The whole argv, or a predicate of it. */
  readonly args?: readonly string[] | ((args: readonly string[]) => boolean);
  readonly cwd?: string;
  /** Variables that must be there; secrets are compared revealed. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | ((stdin: string) => boolean);
}

export type Answer = Partial<Outcome> | ((command: Command) => Partial<Outcome> | Promise<Partial<Outcome>>);

export interface FakeRunner extends Runner {
  /** The runs so far, in order. */
  readonly calls: readonly Command[];
  /** Must happen exactly once (or `times`); among equals, in the order given. */
  expect(match: CommandMatch, answer?: Answer, times?: number): void;
  /** May happen any number of times, none included. */
  allow(match: CommandMatch, answer?: Answer): void;
  verify(): void;
}

interface Expectation {
  readonly match: CommandMatch;
  readonly answer: Answer;
  /** Undefined: any number of times. */
  left: number | undefined;
}

export function fakeRunner(): FakeRunner {
  const calls: Command[] = [];
  const expectations: Expectation[] = [];
  return {
    calls,
    expect: (match, answer = {}, times = 1) => void expectations.push({ match, answer, left: times }),
    allow: (match, answer = {}) => void expectations.push({ match, answer, left: undefined }),
    async run(command) {
      calls.push(command);
      const found = expectations.find(({ match, left }) => left !== 0 && matches(match, command));
      if (!found)
        return surprise(
          `unexpected run: ${command.program} ${command.args.join(' ')}\n${inspect(command, { depth: 4 })}`,
        );
      if (found.left !== undefined) found.left -= 1;
      const answer = typeof found.answer === 'function' ? await found.answer(command) : found.answer;
      const outcome: Outcome = { exitCode: 0, stdout: '', stderr: '', durationMs: 1, timedOut: false, ...answer };
      for (const stream of ['stdout', 'stderr'] as const) {
        for (const line of outcome[stream].split('\n').slice(0, -1)) command.onLine?.(stream, line);
      }
      return outcome;
    },
    verify() {
      const unused = expectations.filter(({ left }) => left !== undefined && left > 0);
      if (unused.length > 0)
        surprise(`expected runs that did not happen: ${inspect(unused.map(({ match }) => match))}`);
    },
  };
}

function matches(match: CommandMatch, command: Command): boolean {
  const { program, args, cwd, env, stdin } = match;
  const name = command.program.split('/').at(-1) ?? '';
  if (typeof program === 'string' ? program !== command.program && program !== name : !program.test(command.program))
    return false;
  if (typeof args === 'function' ? !args(command.args) : args !== undefined && !isDeepStrictEqual(args, command.args))
    return false;
  if (cwd !== undefined && cwd !== command.cwd) return false;
  for (const [key, value] of Object.entries(env ?? {})) {
    if (revealed(command.env?.[key]) !== value) return false;
  }
  if (stdin === undefined) return true;
  const given = revealed(command.stdin);
  return given !== undefined && (typeof stdin === 'string' ? stdin === given : stdin(given));
}

export function revealed(value: string | Uint8Array | Secret | undefined): string | undefined {
  if (value instanceof Secret) return value.reveal();
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
}

// ------------------------------------------------------------------- files

export interface FakeFiles extends Files {
  /** Path → content, as it is now. */
  readonly content: ReadonlyMap<string, string>;
  readonly modes: ReadonlyMap<string, number>;
  /** Paths written so far, in order, repeats included. */
  readonly writes: readonly string[];
  /** From now on, writing below the folder throws this. */
  refuseWrites(folder: string, error: Error): void;
}

/** A file system in memory, empty but for what the test puts there. */
export function fakeFiles(initial: Readonly<Record<string, string>> = {}): FakeFiles {
  const content = new Map<string, Buffer>(Object.entries(initial).map(([path, text]) => [path, Buffer.from(text)]));
  const folders = new Set<string>();
  const modes = new Map<string, number>();
  const writes: string[] = [];
  const refusals: { folder: string; error: Error }[] = [];

  const below = (path: string): string[] =>
    [...content.keys(), ...folders].filter((other) => other.startsWith(`${path}/`));
  const put = (path: string, data: Buffer, mode: number): void => {
    if (!path.startsWith('/')) surprise(`not an absolute path: ${path}`);
    for (const { folder, error } of refusals) if (path.startsWith(`${folder}/`)) throw error;
    content.set(path, data);
    modes.set(path, mode);
    writes.push(path);
  };

  return {
    get content() {
      return new Map([...content].map(([path, data]) => [path, data.toString('utf8')]));
    },
    modes,
    writes,
    refuseWrites: (folder, error) => void refusals.push({ folder, error }),
    read: async (path) => content.get(path)?.toString('utf8'),
    readBytes: async (path) => content.get(path),
    readEnd: async (path, bytes) => content.get(path)?.subarray(-bytes),
    write: async (path, data, options) => put(path, Buffer.from(data), options?.mode ?? 0o644),
    append: async (path, text, options) =>
      put(
        path,
        Buffer.concat([content.get(path) ?? Buffer.alloc(0), Buffer.from(text)]),
        modes.get(path) ?? options?.mode ?? 0o644,
      ),
    list: async (path) => [...new Set(below(path).map((other) => other.slice(path.length + 1).split('/')[0]!))].sort(),
    async info(path): Promise<FileInfo | undefined> {
      const data = content.get(path);
      if (data) return { kind: 'file', size: data.length, modifiedMs: 0, mode: modes.get(path) ?? 0o644 };
      const isFolder = folders.has(path) || below(path).length > 0;
      return isFolder ? { kind: 'directory', size: 0, modifiedMs: 0, mode: 0o755 } : undefined;
    },
    makeFolder: async (path) => void folders.add(path),
    async remove(path) {
      for (const other of [path, ...below(path)]) {
        content.delete(other);
        folders.delete(other);
      }
    },
    async rename(from, to) {
      for (const path of [from, ...below(from)]) {
        const data = content.get(path);
        if (data) put(to + path.slice(from.length), data, modes.get(path) ?? 0o644);
        content.delete(path);
      }
    },
    async createExclusive(path, text) {
      if (content.has(path)) return false;
      put(path, Buffer.from(text), 0o644);
      return true;
    },
    module: async (path) => surprise(`unexpected module: ${path}`),
  };
}

// ------------------------------------------------------------------- clock

export interface FakeClock extends Clock {
  /** Milliseconds slept so far, each. */
  readonly sleeps: readonly number[];
  advance(ms: number): void;
}

/** Time moves only when somebody sleeps or the test says so. */
export function fakeClock(start = '2026-01-15T03:00:00.000Z'): FakeClock {
  let now = Date.parse(start);
  const sleeps: number[] = [];
  return {
    sleeps,
    advance: (ms) => void (now += ms),
    now: () => new Date(now),
    async sleep(ms, interruption) {
      sleeps.push(ms);
      if (!interruption?.requested) now += ms;
    },
  };
}

// ----------------------------------------------------------------- network

export interface FakeNetwork extends Network {
  readonly requests: readonly HttpRequest[];
  /** One request, `METHOD url`, in the order given. */
  expect(request: string, answer: { status?: number; headers?: Record<string, string>; body?: string } | Error): void;
  /** Addresses of a name, as often as asked. */
  knows(name: string, addresses: readonly string[]): void;
  verify(): void;
}

export function fakeNetwork(): FakeNetwork {
  const requests: HttpRequest[] = [];
  const expected: { request: string; answer: Partial<HttpResponse> | Error }[] = [];
  const names = new Map<string, readonly string[]>();
  return {
    requests,
    expect: (request, answer) =>
      void expected.push({
        request,
        answer: answer instanceof Error ? answer : { ...answer, body: Buffer.from(answer.body ?? '') },
      }),
    knows: (name, addresses) => void names.set(name, addresses),
    async request(request) {
      requests.push(request);
      const line = `${request.method} ${request.url}`;
      const index = expected.findIndex((one) => one.request === line);
      if (index < 0) return surprise(`unexpected request: ${line}`);
      const [{ answer }] = expected.splice(index, 1) as [(typeof expected)[number]];
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, body: new Uint8Array(), ...answer };
    },
    resolve: async (name) => names.get(name) ?? surprise(`unexpected look-up of ${name}`),
    verify() {
      if (expected.length > 0)
        surprise(`expected requests that did not happen: ${expected.map((one) => one.request).join(', ')}`);
    },
  };
}

// ---------------------------------------------------------------- terminal

export interface FakeTerminal extends Terminal {
  readonly stdout: string;
  readonly stderr: string;
  readonly questions: readonly string[];
  /** The next answer; `about` must occur in the question. */
  answer(about: string, value: unknown): void;
  verify(): void;
}

/** Without answers nobody is there: it is not interactive, and a question is a surprise. */
export function fakeTerminal(
  options: { readonly interactive?: boolean; readonly colour?: boolean; readonly piped?: string } = {},
): FakeTerminal {
  let stdout = '';
  let stderr = '';
  const questions: string[] = [];
  const answers: { about: string; value: unknown }[] = [];

  const ask = (question: string): unknown => {
    questions.push(question);
    const next = answers.shift();
    if (!next) return surprise(`unexpected question: ${question}`);
    if (!question.includes(next.about)) return surprise(`expected a question about "${next.about}", got: ${question}`);
    return next.value;
  };

  const choose = async <T>(question: string, choices: readonly { readonly value: T }[]): Promise<T> => {
    const wanted = ask(question);
    const chosen = choices.find(({ value }) => isDeepStrictEqual(value, wanted));
    return chosen ? chosen.value : surprise(`${inspect(wanted)} is no choice of "${question}"`);
  };

  return {
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    questions,
    interactive: options.interactive ?? false,
    seen: options.interactive ?? false,
    colour: options.colour ?? false,
    columns: 80,
    answer: (about, value) => void answers.push({ about, value }),
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    confirm: async (question) => ask(question) as boolean,
    async input(question, { check } = {}) {
      const text = ask(question) as string;
      const objection = check?.(text);
      return objection === undefined ? text : surprise(`"${text}" was refused: ${objection}`);
    },
    select: choose,
    search: choose,
    hidden: async (question) => ask(question) as string,
    piped: async () => options.piped,
    verify() {
      if (answers.length > 0)
        surprise(`questions that were not asked: ${answers.map(({ about }) => about).join(', ')}`);
    },
  };
}

// ------------------------------------------------------------ interruption

export interface FakeInterruption extends Interruption {
  /** Ctrl-C: the first asks, the second forces. */
  press(): void;
}

export function fakeInterruption(): FakeInterruption {
  const onRequest = new Set<() => void>();
  const onForce = new Set<() => void>();
  let presses = 0;
  const subscribe = (listeners: Set<() => void>, already: boolean, listener: () => void): (() => void) => {
    listeners.add(listener);
    if (already) listener();
    return () => void listeners.delete(listener);
  };
  return {
    get requested() {
      return presses >= 1;
    },
    get forced() {
      return presses >= 2;
    },
    onRequest: (listener) => subscribe(onRequest, presses >= 1, listener),
    onForce: (listener) => subscribe(onForce, presses >= 2, listener),
    press() {
      presses += 1;
      if (presses <= 2) for (const listener of [...(presses === 1 ? onRequest : onForce)]) listener();
    },
  };
}

// ------------------------------------------------------------------ bundle

export interface Fakes {
  readonly ports: Ports;
  readonly runner: FakeRunner;
  readonly files: FakeFiles;
  readonly clock: FakeClock;
  readonly network: FakeNetwork;
  readonly terminal: FakeTerminal;
  readonly interruption: FakeInterruption;
  /** Fails when something expected did not happen. */
  verify(): void;
}

export interface FakeOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly now?: string;
  readonly interactive?: boolean;
  readonly colour?: boolean;
  /** What is piped in; a terminal when absent. */
  readonly piped?: string;
}

export function fakePorts(options: FakeOptions = {}): Fakes {
  const runner = fakeRunner();
  const files = fakeFiles(options.files);
  const clock = fakeClock(options.now);
  const network = fakeNetwork();
  const terminal = fakeTerminal(options);
  const interruption = fakeInterruption();
  return {
    ports: { runner, files, clock, network, terminal, interruption, variables: options.variables ?? {} },
    runner,
    files,
    clock,
    network,
    terminal,
    interruption,
    verify() {
      runner.verify();
      network.verify();
      terminal.verify();
    },
  };
}
