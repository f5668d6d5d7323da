import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../support/cli.ts';

const lanes = pathToFileURL(join(projectRoot, 'setup', 'lanes.mjs')).href;

/** Runs jobs that are described in JavaScript, and returns the lines they led to. */
async function linesOf(count: number, jobs: string): Promise<readonly string[]> {
  const program = `import { inLanes } from ${JSON.stringify(lanes)};
    const node = process.execPath;
    const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    await inLanes(${String(count)}, ${jobs});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return stdout.split('\n').filter((line) => line !== '');
}

const timed = (line: string): string => line.replace(/ in \d+ s$/, '');

describe('the lanes of the test command', () => {
  it('print what a job printed in one piece, when it ends', async () => {
    const chatty = `async (start) => {
      const code = "console.log('one'); setTimeout(() => console.error('two'), 150)";
      return (await start(node, ['-e', code])) === 0 ? 'passed' : 'failed';
    }`;
    const lines = await linesOf(2, `[{ name: 'a', run: ${chatty} }, { name: 'b', run: ${chatty} }]`);
    expect(lines.slice(0, 2)).to.deep.equal(['-- a: begins', '-- b: begins']);
    const [first, second] = lines[2] === '== a' ? ['a', 'b'] : ['b', 'a'];
    expect(lines.slice(2).map(timed)).to.deep.equal(
      [first, second].flatMap((name) => [`== ${name}`, 'one', 'two', `== ${name}: passed`]),
    );
  });

  it('let a job wait for another, and take the next one meanwhile', async () => {
    const jobs = `[
      { name: 'tools', run: async () => (await wait(200), 'brought') },
      { name: 'needs tools', after: ['tools'], run: async () => 'passed' },
      { name: 'check', run: async () => 'passed' },
    ]`;
    const began = (await linesOf(2, jobs)).filter((line) => line.startsWith('--'));
    expect(began).to.deep.equal(['-- tools: begins', '-- check: begins', '-- needs tools: begins']);
  });

  it('never run two at once that are to be apart', async () => {
    const job = (name: string) => `{ name: '${name}', apart: 'machine', run: async () => (await wait(60), 'passed') }`;
    const lines = await linesOf(3, `[${['a', 'b', 'c'].map(job).join()}, { name: 'd', run: async () => 'passed' }]`);
    const ofApart = lines.filter((line) => /^-- [abc]|^== [abc]:/.test(line)).map((line) => line.slice(0, 4));
    expect(ofApart).to.deep.equal(['-- a', '== a', '-- b', '== b', '-- c', '== c']);
  });

  it('run each job once, in as many lanes as there are', async () => {
    const jobs = `(() => {
      let running = 0;
      return Array.from({ length: 7 }, (_, index) => ({
        name: 'job ' + index,
        run: async () => {
          running++;
          await wait(20);
          return String(running--);
        },
      }));
    })()`;
    const ends = (await linesOf(2, jobs)).filter((line) => /^== .*: /.test(line)).map(timed);
    expect(new Set(ends).size).to.equal(7);
    expect(new Set(ends.map((line) => line.at(-1)))).to.deep.equal(new Set(['1', '2']));
  });
});
