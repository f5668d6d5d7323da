import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Signals end processes, so each case runs in one of its own. */
describe('interruption', () => {
  const source = new URL('../../../src/adapters/interruption.ts', import.meta.url).href;

  async function signalled(
    body: string,
    presses: readonly NodeJS.Signals[],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const program = `import { listenForSignals } from ${JSON.stringify(source)};
      const interruption = listenForSignals((line) => console.error(line));
      setInterval(() => {}, 1000);
      ${body}
      console.log('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    for (const signal of presses) {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    const [code] = (await closed) as [number | null];
    return { code, stdout, stderr };
  }

  const listening = `
    interruption.onRequest(() => console.log('requested', interruption.requested, interruption.forced));
    interruption.onForce(() => { console.log('forced', interruption.forced); process.exit(9) });`;

  it('asks with the first signal and forces with the second', async () => {
    const { code, stdout, stderr } = await signalled(listening, ['SIGINT', 'SIGINT']);
    expect(stdout).to.equal('ready\nrequested true false\nforced true\n');
    expect(stderr).to.equal('finishing what is in flight; press Ctrl-C again to stop now\nstopping now\n');
    expect(code).to.equal(9);
  });

  it('counts a terminal that goes away and a termination as the same wish', async () => {
    const { stdout } = await signalled(listening, ['SIGHUP', 'SIGTERM']);
    expect(stdout).to.equal('ready\nrequested true false\nforced true\n');
  });

  it('leaves at once with the third', async () => {
    expect((await signalled('', ['SIGINT', 'SIGINT', 'SIGINT'])).code).to.equal(130);
  });

  it('tells a late listener, and not one that has stopped listening', async () => {
    const body = `interruption.onRequest(() => console.log('never'))();
      process.on('SIGINT', () => { interruption.onRequest(() => { console.log('late'); process.exit(0) }) });`;
    expect((await signalled(body, ['SIGINT'])).stdout).to.equal('ready\nlate\n');
  });

  it('leaves the keys to a program that owns the terminal', async () => {
    const body = `const resume = interruption.pause(); setTimeout(() => { console.log(interruption.requested); process.exit(0) }, 500);`;
    expect((await signalled(body, ['SIGINT', 'SIGINT', 'SIGINT'])).stdout).to.equal('ready\nfalse\n');
  });
});
