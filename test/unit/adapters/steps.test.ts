import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { plainSteps } from '../../../src/adapters/plain-steps.ts';

/** util-linux runs a program on a terminal of its own with it. */
const terminal = 'script';

describe('progress', () => {
  it('is a line for each thing that happens where nobody watches', async () => {
    const lines: string[] = [];
    const steps = plainSteps((line) => void lines.push(line));
    steps.announce([{ id: 'a', title: 'base: the domain' }]);
    steps.start('a');
    steps.note('a', 'creating the domain');
    steps.say('a note');
    steps.end('a', 'done', '3 resources');
    await steps.close();
    expect(lines).to.deep.equal([
      'base: the domain: started',
      'base: the domain: creating the domain',
      'a note',
      'base: the domain: done, 3 resources',
    ]);
  });

  it('is a list on a terminal, with a mark for how each step ended and for those that never began', function () {
    try {
      execFileSync(terminal, ['--version'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    const source = JSON.stringify(new URL('../../../src/adapters/live-steps.ts', import.meta.url).href);
    const program = `
      import { liveSteps } from ${source};
      const steps = liveSteps();
      steps.announce([{ id: 'a', title: 'one' }, { id: 'b', title: 'two' }, { id: 'c', title: 'three' }, { id: 'd', title: 'four' }]);
      for (const id of ['a', 'b', 'c']) steps.start(id);
      steps.note('a', 'busy');
      await new Promise((resolve) => setTimeout(resolve, 300));
      steps.end('a', 'done', 'well');
      steps.end('b', 'failed', 'badly');
      steps.end('c', 'skipped', 'not needed');
      steps.say('a note');
      await steps.close();`;
    const command = `stty cols 80 rows 24; ${process.execPath} --input-type=module -e ${quote(program)}`;
    const { stdout } = spawnSync(terminal, ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, TERM: 'xterm', CI: '', NO_COLOR: '1' },
    });
    // What stands on the screen last: everything behind the last redrawing.
    const screen = stdout
      .replace(/\r/g, '')
      .split(/\u001b\[[0-9]*[AGJK]/)
      .join('\n')
      .replace(/\u001b\[[?0-9;]*[a-zA-Z]/g, '');
    const last = screen
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .slice(-5);
    expect(last).to.deep.equal(['✔ one  well', '✖ two  badly', '↓ three  not needed', '◼ four', 'a note']);
  });

  function quote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
  }
});
