import { expect } from 'chai';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignalInterruption } from '../../../src/adapters/interruption.ts';
import { realRunner } from '../../../src/adapters/runner.ts';
import { ToolMissingError, UserError } from '../../../src/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { Command } from '../../../src/ports/runner.ts';
import { fakeInterruption, type FakeInterruption } from '../../support/fakes.ts';
import { tempFolder } from '../../support/temp.ts';

describe('runner', () => {
  let folder: ReturnType<typeof tempFolder>;
  let interruption: FakeInterruption;
  const at = (name: string) => join(folder.path, name);
  const run = (
    command: Omit<Command, 'args'> & { args?: readonly string[] },
    variables: Record<string, string> = {},
  ) => {
    const own: SignalInterruption = Object.assign(interruption, { pause: () => () => {} });
    return realRunner({ PATH: process.env['PATH'], ...variables }, () => own).run({ args: [], ...command });
  };
  const script = (code: string, rest: Partial<Command> = {}) =>
    run({ program: process.execPath, args: ['-e', code], ...rest });
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  beforeEach(() => {
    folder = tempFolder();
    interruption = fakeInterruption();
  });
  afterEach(() => folder.remove());

  it('gives both streams, lines as they come and the exit code', async () => {
    const lines: string[] = [];
    const outcome = await script(
      `console.log('one\\ntwo'); console.error('bad'); process.stdout.write('rest'); process.exitCode = 7`,
      {
        onLine: (stream, line) => void lines.push(`${stream}: ${line}`),
      },
    );
    expect(outcome).to.include({ exitCode: 7, stdout: 'one\ntwo\nrest', stderr: 'bad\n', timedOut: false });
    expect(lines.sort()).to.deep.equal(['stderr: bad', 'stdout: one', 'stdout: rest', 'stdout: two']);
  });

  it('hands over a small set of variables, and secrets by name', async () => {
    const outcome = await run(
      {
        program: process.execPath,
        args: ['-e', 'console.log(JSON.stringify(process.env))'],
        env: { TOKEN: new Secret('s3cret'), LANG: undefined },
      },
      { HOME: '/home/me', LANG: 'C', LC_ALL: 'C', AWS_PROFILE: 'work', KUBECONFIG: '/x', HTTPS_PROXY: 'http://p' },
    );
    const seen = JSON.parse(outcome.stdout) as Record<string, string>;
    expect(seen).to.include({ TOKEN: 's3cret', HOME: '/home/me', LC_ALL: 'C', HTTPS_PROXY: 'http://p' });
    expect(seen).to.not.have.any.keys('AWS_PROFILE', 'KUBECONFIG', 'LANG');
  });

  it('gives nothing to read by default, and a secret on stdin when asked', async () => {
    const cat = `process.stdin.on('data', (data) => process.stdout.write(data)).on('end', () => console.log('end'))`;
    expect((await script(cat)).stdout).to.equal('end\n');
    expect((await script(cat, { stdin: new Secret('s3cret') })).stdout).to.equal('s3cretend\n');
  });

  it('passes on exactly one SIGINT, and waits for the program to finish', async () => {
    const code = `let n = 0; process.on('SIGINT', () => { n += 1; setTimeout(() => { console.log('signals: ' + n); process.exit(0) }, 150) });
      console.log('ready'); setInterval(() => {}, 1000)`;
    let ready = false;
    const running = script(code, { onLine: () => void (ready = true) });
    await until(() => ready);
    interruption.press();
    expect(await running).to.include({ exitCode: 0, stdout: 'ready\nsignals: 1\n' });
  });

  it('lets a program that must not be cut finish, and kills it only when forced', async () => {
    const code = `process.on('SIGINT', () => { console.log('hit'); process.exit(1) });
      console.log('ready'); setTimeout(() => { console.log('whole'); process.exit(0) }, WAIT)`;
    let ready = false;
    const onLine = () => void (ready = true);
    const running = script(code.replace('WAIT', '300'), { onLine, finishes: true });
    await until(() => ready);
    interruption.press();
    expect(await running).to.include({ exitCode: 0, stdout: 'ready\nwhole\n' });
    const late = script(code.replace('WAIT', '60000'), { finishes: true });
    interruption.press();
    expect((await late).signal).to.equal('SIGKILL');
  });

  it('kills the program and its children when forced', async () => {
    const child = `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(at('late'))}, ''), 700)`;
    const code = `process.on('SIGINT', () => {}); require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]);
      console.log('ready'); setInterval(() => {}, 1000)`;
    let ready = false;
    const running = script(code, { onLine: () => void (ready = true) });
    await until(() => ready);
    interruption.press();
    interruption.press();
    expect((await running).signal).to.equal('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(existsSync(at('late'))).to.equal(false);
  });

  it('ends a program that takes too long', async () => {
    const outcome = await script('setInterval(() => {}, 1000)', { timeoutMs: 300 });
    expect(outcome.timedOut).to.equal(true);
    expect(outcome.durationMs).to.be.lessThan(5000);
  });

  it('keeps the output in a file for our eyes only, and tells the pid', async () => {
    writeFileSync(at('log'), 'from an earlier run', { mode: 0o644 });
    const lines: string[] = [];
    let pid = 0;
    const outcome = await script(`console.log('out ' + process.pid); console.error('err')`, {
      logFile: at('log'),
      onStart: (started) => void (pid = started),
      onLine: (_, line) => void lines.push(line),
    });
    expect(outcome.stdout).to.equal(`out ${pid}\nerr\n`);
    expect(lines).to.deep.equal([`out ${pid}`, 'err']);
    expect(readFileSync(at('log'), 'utf8')).to.equal(outcome.stdout);
    expect(statSync(at('log')).mode & 0o777).to.equal(0o600);
  });

  const refusals: [string, Partial<Command>, new (...args: never[]) => Error, string][] = [
    [
      'a program that is not there',
      { program: '/nowhere/tofu' },
      ToolMissingError,
      '/nowhere/tofu cannot be started: it is not there.',
    ],
    [
      'a program that is not executable',
      { program: '/etc/passwd' },
      ToolMissingError,
      '/etc/passwd cannot be started: it is not executable.',
    ],
    ['a folder that is not there', { cwd: '/nowhere' }, UserError, 'The folder /nowhere does not exist.'],
  ];
  for (const [name, command, type, message] of refusals) {
    it(`refuses ${name}, without showing arguments`, async () => {
      const error = await run({ program: process.execPath, args: ['--token'], ...command }).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).to.be.instanceOf(type);
      expect(error!.message).to.equal(message);
      expect(JSON.stringify(error)).to.not.include('--token');
    });
  }
});
