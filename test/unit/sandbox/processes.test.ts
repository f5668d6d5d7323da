import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { withLock } from '../../../src/sandbox/launch/lock.ts';
import { Part } from '../../../src/sandbox/processes/part.ts';
import { freePort } from '../../../src/sandbox/processes/ports.ts';
import { identify, isAlive, MARK, markedProcesses, memoryOf } from '../../../src/sandbox/processes/proc.ts';
import { sweep } from '../../../src/sandbox/processes/sweep.ts';
import { tempFolder } from '../../support/temp.ts';

const NODE = process.execPath;
const FOREVER = 'setInterval(() => {}, 1000)';
/** Ignores a polite request. */
const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER}; console.log('up')`;
/** Starts another program and tells its id. */
const PARENT = `const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}], { stdio: 'ignore', detached: true }); console.log(child.pid); ${FOREVER}`;

describe('processes of the sandbox', () => {
  const folder = tempFolder();
  const runtime = folder.path;

  after(async () => {
    await sweep(runtime, 0);
    folder.remove();
  });

  async function marked(code: string, where = runtime): Promise<{ readonly pid: number; readonly said: string }> {
    const child = spawn(NODE, ['-e', code], {
      env: { [MARK]: where },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const [said] = code.includes('console.log') ? ((await once(child.stdout, 'data')) as [Buffer]) : [''];
    return { pid: child.pid ?? 0, said: String(said).trim() };
  }

  it('are known by their start as well as by their id', async () => {
    const { pid } = await marked(FOREVER);
    const identity = identify(pid);
    expect(identity?.pid).to.equal(pid);
    expect(isAlive({ pid, startedAt: identity?.startedAt ?? '' })).to.equal(true);
    expect(isAlive({ pid, startedAt: '1' })).to.equal(false);
    expect(memoryOf(process.pid)).to.be.within(1e7, 1e10);
    expect(memoryOf(4_194_304)).to.equal(0);
    await sweep(runtime, 1_000);
    expect(isAlive({ pid, startedAt: identity?.startedAt ?? '' })).to.equal(false);
  });

  it('are found by their mark, with the ones they started, and nobody else is', async () => {
    const { pid, said } = await marked(PARENT);
    const other = await marked(FOREVER, `${runtime}-of-another`);
    process.kill(pid, 'SIGKILL');
    expect(markedProcesses(runtime).map((one) => one.pid)).to.include(Number(said));
    await sweep(runtime, 1_000);
    expect(markedProcesses(runtime)).to.deep.equal([]);
    expect(markedProcesses(`${runtime}-of-another`).map((one) => one.pid)).to.deep.equal([other.pid]);
    await sweep(`${runtime}-of-another`, 1_000);
  });

  it('are ended whether they like it or not', async () => {
    await marked(STUBBORN);
    expect(await sweep(runtime, 100)).to.have.length(1);
    expect(markedProcesses(runtime)).to.deep.equal([]);
  });

  describe('a part', () => {
    const home = { runtime, logs: join(runtime, 'logs'), log: (message: string) => void said.push(message) };
    const said: string[] = [];

    async function until(condition: () => boolean): Promise<void> {
      for (const deadline = Date.now() + 5_000; !condition() && Date.now() < deadline;)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(condition()).to.equal(true);
    }

    it('is started again when it is killed, and not when it is stopped', async () => {
      const part = new Part(home, { name: 'one', program: NODE, args: ['-e', FOREVER] });
      part.start();
      const { pid } = part.status();
      process.kill(pid ?? 0, 'SIGKILL');
      await until(() => part.status().restarts === 1 && part.status().state === 'running' && part.status().pid !== pid);
      expect(said.at(-1)).to.equal('one ended (SIGKILL); starting it again in 200 ms');
      await part.stop();
      expect(part.status().state).to.equal('stopped');
      expect(markedProcesses(runtime)).to.deep.equal([]);
    });

    it('sees nothing of our own environment', async () => {
      process.env['DIGITALOCEAN_TOKEN'] = 'a-real-one';
      const file = join(runtime, 'environment.json');
      const code = `require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env)); ${FOREVER}`;
      const part = new Part(home, { name: 'two', program: NODE, args: ['-e', code], env: { OWN: 'yes' } });
      part.start();
      await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('}'));
      await part.stop();
      delete process.env['DIGITALOCEAN_TOKEN'];
      const seen = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      expect(Object.keys(seen).sort()).to.deep.equal(['HOME', 'OWN', 'PATH', 'TMPDIR', MARK].sort());
    });

    it('says when its program cannot be started at all', async () => {
      const part = new Part(home, { name: 'three', program: join(runtime, 'nothing'), args: [] });
      part.start();
      await until(() => part.status().restarts > 0);
      expect(part.status().state).to.equal('restarting');
      expect(said.at(-1)).to.contain('ENOENT');
      await part.stop();
    });
  });

  it('get ports that nobody listens on', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await freePort(port)).not.to.equal(port);
    server.close();
    await once(server, 'close');
    expect(await freePort(port)).to.equal(port);
  });

  describe('the lock of a start or stop', () => {
    const file = join(runtime, 'lock');

    it('makes others wait for their turn, and lose their patience', async () => {
      const order: string[] = [];
      const first = withLock(file, 0, async () => {
        const impatient = await withLock(file, 100, async () => undefined).catch((error: unknown) => error as Error);
        expect(impatient?.message).to.contain(`Process ${String(process.pid)} is starting or stopping this sandbox`);
        order.push('first');
      });
      const second = withLock(file, 5_000, async () => void order.push('second'));
      await Promise.all([first, second]);
      expect(order).to.deep.equal(['first', 'second']);
      expect(existsSync(file)).to.equal(false);
    });

    it('counts for nothing when its holder is gone or its file is broken', async () => {
      mkdirSync(runtime, { recursive: true });
      for (const content of ['{"pid":1,"startedAt":"0"}', '{"pi']) {
        writeFileSync(file, content);
        expect(await withLock(file, 0, async () => 'mine')).to.equal('mine');
      }
    });
  });
});
