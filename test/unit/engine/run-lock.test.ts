import { expect } from 'chai';
import { takeRunLock } from '../../../src/engine/run-lock.ts';
import { fakePorts } from '../../support/fakes.ts';

const path = '/w/.ffops/prod/run.lock';
const boot = 'boot-1';
const stat = (start: number, state = 'S') =>
  `7 (a (b) c) ${state} ${Array.from({ length: 18 }, () => '0').join(' ')} ${start} 0`;
const me = { user: 'ann', host: 'desk', pid: 7 };
const holder = {
  user: 'bob',
  host: 'desk',
  pid: 9,
  started: `${boot}/900`,
  since: '2026-01-01T00:00:00.000Z',
  command: 'apply',
};

function machine(extra: Readonly<Record<string, string>>) {
  return fakePorts({ files: { '/proc/sys/kernel/random/boot_id': `${boot}\n`, '/proc/7/stat': stat(700), ...extra } });
}

describe('the lock of a run', () => {
  it('is one at a time, and names who holds it', async () => {
    const fakes = machine({ '/proc/9/stat': stat(900), [path]: JSON.stringify(holder) });
    const error = await takeRunLock(fakes.ports, path, me, 'plan').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'run.locked', exitCode: 5 });
    expect((error as Error).message)
      .to.include('"ffops apply" of bob@desk (pid 9)')
      .and.include('2026-01-01');
  });

  it('is taken over from the dead: no process, a zombie, another process of that number, a file cut short', async () => {
    const dead: Readonly<Record<string, string>>[] = [
      {},
      { '/proc/9/stat': stat(900, 'Z') },
      { '/proc/9/stat': stat(901) },
    ];
    for (const processes of dead) {
      const fakes = machine({ ...processes, [path]: JSON.stringify(holder) });
      await takeRunLock(fakes.ports, path, me, 'plan');
      expect(JSON.parse(fakes.files.content.get(path)!)).to.include({ user: 'ann', pid: 7, started: `${boot}/700` });
    }
    const torn = machine({ [path]: '{"user":"b' });
    await takeRunLock(torn.ports, path, me, 'plan');
    expect(torn.files.content.get(path)).to.include('"ann"');
  });

  it('is never taken from another machine', async () => {
    const fakes = machine({ [path]: JSON.stringify({ ...holder, host: 'elsewhere' }) });
    const error = await takeRunLock(fakes.ports, path, me, 'plan').catch((thrown: unknown) => thrown);
    expect(error).to.have.nested.property('problems[0].hints[0]').that.includes(`remove ${path}`);
  });

  it('is gone afterwards, with nothing beside it', async () => {
    const fakes = machine({ [path]: JSON.stringify(holder) });
    const lock = await takeRunLock(fakes.ports, path, me, 'plan');
    await lock.release();
    expect([...fakes.files.content.keys()].filter((name) => name.startsWith(path))).to.deep.equal([]);
  });

  it('is left to whoever took it meanwhile', async () => {
    const fakes = machine({});
    const lock = await takeRunLock(fakes.ports, path, me, 'plan');
    await fakes.files.write(path, JSON.stringify(holder));
    await lock.release();
    expect(fakes.files.content.get(path)).to.equal(JSON.stringify(holder));
  });

  it('survives a run that died while taking it over', async () => {
    const dead = JSON.stringify({ ...holder, pid: 11 });
    const fakes = machine({ [path]: JSON.stringify(holder), [`${path}.takeover`]: dead });
    await takeRunLock(fakes.ports, path, me, 'plan');
    expect(fakes.files.content.get(path)).to.include('"ann"');
    expect(fakes.files.content.has(`${path}.takeover`)).to.equal(false);
  });
});
