import { expect } from 'chai';
import { openJournal, readJournal, understandJournal, type JournalEvent } from '../../../src/engine/journal.ts';
import { fakePorts } from '../../support/fakes.ts';

const path = '/w/.ffops/prod/journal.jsonl';

async function written(runs: Readonly<Record<string, readonly JournalEvent[]>>): Promise<string> {
  const fakes = fakePorts();
  for (const [run, events] of Object.entries(runs)) {
    const journal = openJournal(fakes.files, fakes.clock, path, run);
    await Promise.all(events.map((event) => journal.record(event)));
  }
  return (await fakes.files.read(path)) ?? '';
}

const begun: JournalEvent = { kind: 'run-started', command: 'apply', user: 'ann', host: 'desk', pid: 7 };
const stack = (name: string, creates: string[] = []): JournalEvent => ({ kind: 'stack-started', stack: name, creates });
const ended = (name: string, ok: boolean): JournalEvent => ({ kind: 'stack-ended', stack: name, ok });

describe('the journal', () => {
  it('keeps what happened in order, however many write at once', async () => {
    const entries = readJournal(
      await written({ one: [begun, stack('base'), ended('base', true), { kind: 'run-ended', outcome: 'done' }] }),
    );
    expect(entries.map(({ kind }) => kind)).to.deep.equal(['run-started', 'stack-started', 'stack-ended', 'run-ended']);
  });

  it('reads what a crash left, cut anywhere', async () => {
    const text = await written({
      one: [begun, stack('base', ['disk.a']), { kind: 'tool-started', stack: 'base', pid: 9, started: 'x' }],
    });
    const whole = readJournal(text).length;
    for (let end = 0; end <= text.length; end += 1) {
      const entries = readJournal(text.slice(0, end));
      expect(entries.length).to.be.within(text.slice(0, end).split('\n').length - 1, whole);
    }
  });

  it('knows a run that never ended, who it was, and where it was', async () => {
    const past = understandJournal(
      readJournal(await written({ one: [begun, stack('base'), ended('base', true), stack('cloud', ['disk.a'])] })),
    );
    expect(past.interrupted).to.include({ command: 'apply', by: 'ann@desk', pid: 7 });
    expect(past.interrupted!.stacks).to.deep.equal(['cloud']);
    expect([...past.unsettled.keys()]).to.deep.equal(['cloud']);
    expect([...past.unsettled.get('cloud')!.addresses]).to.deep.equal(['disk.a']);
  });

  it('has nothing to tell after a run that ended, failed or not', async () => {
    const good = await written({
      one: [begun, stack('base'), ended('base', true), { kind: 'run-ended', outcome: 'done' }],
    });
    const bad = await written({
      one: [begun, stack('base', ['disk.a']), ended('base', false), { kind: 'run-ended', outcome: 'failed' }],
    });
    expect(understandJournal(readJournal(good))).to.deep.equal({ interrupted: undefined, unsettled: new Map() });
    expect(understandJournal(readJournal(bad)).interrupted).to.equal(undefined);
  });

  it('counts a tool as lost until it says that it ended by itself, also one that only planned', async () => {
    const starting: JournalEvent = { kind: 'tool-starting', stack: 'base' };
    const started: JournalEvent = { kind: 'tool-started', stack: 'base', pid: 9, started: 'x' };
    const stopped = (clean: boolean): JournalEvent => ({ kind: 'tool-ended', stack: 'base', clean });
    const lost = async (...events: JournalEvent[]) => {
      const past = understandJournal(readJournal(await written({ one: [begun, ...events] })));
      return past.unsettled.get('base')?.tools.map(({ host, mark }) => [host, mark?.pid]);
    };
    expect(await lost(starting)).to.deep.equal([['desk', undefined]]);
    expect(await lost(starting, started)).to.deep.equal([['desk', 9]]);
    expect(await lost(starting, started, stopped(true))).to.deep.equal([]);
    expect(await lost(starting, started, stopped(false))).to.deep.equal([['desk', 9]]);
    expect(await lost(starting, started, stopped(false), starting)).to.deep.equal([
      ['desk', 9],
      ['desk', undefined],
    ]);
  });

  it('remembers over several crashes what may exist without the state knowing, until the stack ends well', async () => {
    const runs = {
      one: [begun, stack('cloud', ['disk.a'])],
      two: [begun, stack('cloud', ['disk.b']), ended('cloud', false)],
    };
    const addresses = (text: string) => [
      ...(understandJournal(readJournal(text)).unsettled.get('cloud')?.addresses ?? []),
    ];
    expect(addresses(await written(runs))).to.deep.equal(['disk.a', 'disk.b']);
    expect(addresses(await written({ ...runs, three: [begun, stack('cloud'), ended('cloud', true)] }))).to.deep.equal(
      [],
    );
  });
});
