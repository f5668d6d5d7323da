import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { understandJournal, readJournal } from '../../../src/engine/journal.ts';
import { COMPILED } from '../../support/compiled.ts';
import type { StackSketch } from './workshop.ts';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));

/** Takes a moment to make, and writes down that it was made, once per time. */
const slow = (name: string, log: string, seconds: number): StackSketch['body'] =>
  `resource "terraform_data" "slow" {\n  input = "${name}"\n\n  provisioner "local-exec" {\n    command = "sleep ${seconds}; echo ${name} >> ${log}"\n  }\n}\n`;

interface Running {
  readonly pid: number;
  readonly ended: Promise<{
    readonly result: { verdict?: string; code?: string; stacks?: { stack: string; outcome: string }[] } | undefined;
    readonly told: string;
  }>;
  /** Resolves once this has been said on stderr. */
  until(text: string): Promise<void>;
}

function start(verb: 'apply' | 'destroy', folder: string, sketches: Readonly<Record<string, StackSketch>>): Running {
  const process = spawn(
    globalThis.process.execPath,
    ['--disable-warning=ExperimentalWarning', child, verb, folder, JSON.stringify(sketches)],
    { detached: true, env: { ...globalThis.process.env, ...COMPILED } },
  );
  let out = '';
  let told = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  process.stdout.on('data', (data: Buffer) => (out += data.toString()));
  process.stderr.on('data', (data: Buffer) => {
    told += data.toString();
    for (const one of waiting) if (told.includes(one.text)) one.resolve();
  });
  const ended = new Promise<Awaited<Running['ended']>>((resolve) =>
    process.on('close', () => resolve({ result: out === '' ? undefined : JSON.parse(out), told })),
  );
  return {
    pid: process.pid!,
    ended,
    until: (text) =>
      Promise.race([
        new Promise<void>((resolve) => (told.includes(text) ? resolve() : waiting.push({ text, resolve }))),
        ended.then(() => {
          if (!told.includes(text)) throw new Error(`ended without saying ${text}: ${told}`);
        }),
      ]),
  };
}

async function toolOf(folder: string): Promise<number> {
  for (;;) {
    const text = await readFile(join(folder, '.ffops/prod/journal.jsonl'), 'utf8').catch(() => '');
    const tool = readJournal(text).findLast((entry) => entry.kind === 'tool-started');
    if (tool) return tool.pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an interrupted run, with the real tofu', function () {
  this.timeout(180_000);
  let folder: string;
  let log: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ffops-interrupted-'));
    log = join(folder, 'made');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const sketches = (seconds: number) => ({
    one: { body: slow('one', log, seconds) },
    two: { after: ['one'], body: slow('two', log, 0) },
  });
  const made = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean).sort();

  /** After any interruption: one plain run converges, and leaves no lock and nothing made twice. */
  async function converges(verb: 'apply' | 'destroy', seconds: number): Promise<string> {
    const { result, told } = await start(verb, folder, sketches(seconds)).ended;
    expect(result, told).to.include({ verdict: 'done' });
    const left = await readdir(join(folder, '.ffops/prod'), { recursive: true });
    expect(left.filter((name) => /run\.lock|lock\.info|tflock|errored/.test(name))).to.deep.equal([]);
    const journal = await readFile(join(folder, '.ffops/prod/journal.jsonl'), 'utf8');
    expect(understandJournal(readJournal(journal))).to.deep.equal({ interrupted: undefined, unsettled: new Map() });
    return told;
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`finishes the resource in flight on ${signal}, starts no other stack, and goes on the next time`, async () => {
      const run = start('apply', folder, sketches(3));
      await run.until('"phase":"started"');
      process.kill(run.pid, signal);
      const { result } = await run.ended;
      expect(result!.verdict).to.equal('interrupted');
      expect(result!.stacks!.find(({ stack }) => stack === 'two')!.outcome).to.be.oneOf(['not-started', 'skipped']);
      const told = await converges('apply', 0);
      expect(told).to.include('was interrupted');
    });
  }

  it('lets tofu finish when ffops is killed, waits for it, and makes nothing twice', async () => {
    const run = start('apply', folder, sketches(4));
    await run.until('"phase":"started"');
    await toolOf(folder);
    process.kill(run.pid, 'SIGKILL');
    await run.ended;
    const told = await converges('apply', 4);
    expect(told).to.include('was interrupted').and.include('still works on one');
    expect(await made()).to.deep.equal(['one', 'two']);
  });

  it('recovers when both ffops and tofu are killed', async () => {
    const run = start('apply', folder, sketches(4));
    await run.until('"phase":"started"');
    const tool = await toolOf(folder);
    process.kill(run.pid, 'SIGKILL');
    process.kill(-tool, 'SIGKILL');
    await run.ended;
    await converges('apply', 0);
    expect(await made()).to.include.members(['one', 'two']);
  });

  it('reports the tofu that was killed, and converges', async () => {
    const run = start('apply', folder, sketches(4));
    await run.until('"phase":"started"');
    process.kill(-(await toolOf(folder)), 'SIGKILL');
    const { result } = await run.ended;
    expect(result!.verdict).to.equal('failed');
    await converges('apply', 0);
  });

  it('stops at once when asked twice, and converges', async () => {
    const run = start('apply', folder, sketches(20));
    await run.until('"phase":"started"');
    process.kill(run.pid, 'SIGINT');
    await run.until('finishing what is in flight');
    process.kill(run.pid, 'SIGINT');
    const began = Date.now();
    await run.ended;
    expect(Date.now() - began).to.be.below(10_000);
    await converges('apply', 0);
  });

  it('refuses a second run while the first one works', async () => {
    const first = start('apply', folder, sketches(3));
    await first.until('"phase":"started"');
    const { result } = await start('apply', folder, sketches(3)).ended;
    expect(result!.code).to.equal('run.locked');
    expect((await first.ended).result!.verdict).to.equal('done');
  });

  it('destroys what an interrupted destroy left', async () => {
    await converges('apply', 0);
    const run = start('destroy', folder, sketches(0));
    await run.until('"verb":"destroy"');
    process.kill(run.pid, 'SIGKILL');
    await run.ended;
    await converges('destroy', 0);
  });
});
