import { expect } from 'chai';
import { spawnSync } from 'node:child_process';

/** The report writes to the process, so each case has one of its own. */
describe('the report of what is thrown', () => {
  const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

  function reported(thrown: string, argv: readonly string[]) {
    const program = `
      import { report } from ${source('cli/report.ts')};
      import { FailedError } from ${source('errors.ts')};
      process.exitCode = report(${thrown}, ${JSON.stringify(argv)}, { version: '1.2.3', bugsUrl: 'https://example.com/issues' });`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  it('shows a failure without a stack', () => {
    const { status, stdout, stderr } = reported(
      `new FailedError('x.y', { message: 'It broke.', hints: ['Try again.'] })`,
      ['plan'],
    );
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: 'Error: It broke.\n  → Try again.\n',
    });
  });

  it('owns up to a bug, with where to report it and what was run, but none of its values', () => {
    const { status, stdout, stderr } = reported(`new TypeError('x is undefined')`, [
      'secrets',
      'set',
      '--env',
      'prod',
      'token',
      'hunter2',
    ]);
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
    expect(stderr).to.match(
      /^This is a bug in ffops, not a mistake of yours\.\nPlease report it at https:\/\/example\.com\/issues/,
    );
    expect(stderr)
      .to.include('ffops 1.2.3')
      .and.to.include('command: secrets set\n')
      .and.to.include('TypeError: x is undefined\n    at ');
    expect(stderr).to.not.include('hunter2');
  });

  it('owns up in JSON as well, and keeps the stack on stderr', () => {
    const { status, stdout, stderr } = reported(`new TypeError('x is undefined')`, ['plan', '--json']);
    const { schema, ok, error } = JSON.parse(stdout) as { schema: string; ok: boolean; error: { code: string } };
    expect({ status, schema, ok, code: error.code }).to.deep.equal({
      status: 1,
      schema: 'ffops.error/v1',
      ok: false,
      code: 'bug',
    });
    expect(stderr).to.include('TypeError: x is undefined');
  });

  it('stands anything that can be thrown', () => {
    for (const thrown of [`'text'`, 'undefined', 'null', '{}']) {
      const { status, stderr } = reported(thrown, ['plan']);
      expect(status, thrown).to.equal(1);
      expect(stderr, thrown).to.match(/^This is a bug in ffops/);
    }
  });
});
