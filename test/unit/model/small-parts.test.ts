import { expect } from 'chai';
import fc from 'fast-check';
import { cronOf, privateNetwork, schedule } from '../../../src/model/formats.ts';
import { editDistance, nearest } from '../../../src/model/nearest.ts';
import { formatPath, parsePath } from '../../../src/model/path.ts';
import { compareVersions } from '../../../src/model/versions.ts';

describe('the path of an option', () => {
  it('is dotted, with indexes and quoted names', () => {
    expect(formatPath(['cluster', 'nodePools', 0, 'labels', 'example.com/tier'])).to.equal(
      'cluster.nodePools[0].labels["example.com/tier"]',
    );
  });

  it('reads back what it writes, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.nat()), { minLength: 1 }),
        (segments) => {
          expect(parsePath(formatPath(segments))).to.deep.equal(segments);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never fails on text that is no path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => Array.isArray(parsePath(text))),
      { numRuns: 2_000 },
    );
  });
});

describe('the nearest name', () => {
  const names = ['region', 'version', 'nodePools', 'highAvailability', 'waf', 'n8n'];

  it('forgives slips of the hand and other spellings', () => {
    expect(nearest('regoin', names)).to.equal('region');
    expect(nearest('versions', names)).to.equal('version');
    expect(nearest('node_pools', names)).to.equal('nodePools');
    expect(nearest('HIGH-AVAILABILITY', names)).to.equal('highAvailability');
    expect(nearest('wfa', names)).to.equal('waf');
  });

  it('stays silent rather than guess', () => {
    expect(nearest('storage', names)).to.equal(undefined);
    expect(nearest('x', names)).to.equal(undefined);
    expect(nearest('', names)).to.equal(undefined);
  });

  it('measures like any distance: zero to itself, the same both ways, no shortcut through a third', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, a)).to.equal(0);
        expect(editDistance(a, b)).to.equal(editDistance(b, a));
        expect(editDistance(a, b)).to.be.within(Math.abs(a.length - b.length), Math.max(a.length, b.length));
      }),
    );
  });

  it('counts a swap of neighbours as one slip', () => {
    expect(editDistance('waf', 'wfa')).to.equal(1);
    expect(editDistance('kitten', 'sitting')).to.equal(3);
  });
});

describe('a schedule', () => {
  it('is a time of day, or five cron fields within their bounds', () => {
    for (const good of ['03:00', '23:59', '0 3 * * *', '*/15 0-6,12 1 1-12/2 0'])
      expect(schedule.safeParse(good).success, good).to.be.true;
    for (const bad of [
      '3:00',
      '24:00',
      '0 3 * *',
      '60 * * * *',
      '* 24 * * *',
      '* * 0 * *',
      '* * * 13 *',
      '* * * * 8',
      '5-1 * * * *',
      '*/0 * * * *',
      '@daily',
      '',
    ]) {
      expect(schedule.safeParse(bad).success, bad).to.be.false;
    }
  });

  it('means five cron fields', () => {
    expect(cronOf('03:05')).to.equal('5 3 * * *');
    expect(cronOf('0 3 * * 1')).to.equal('0 3 * * 1');
  });

  it('given as any time of day means a cron that is itself a schedule', () => {
    fc.assert(
      fc.property(fc.nat(23), fc.nat(59), (hour, minute) => {
        const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        expect(cronOf(time)).to.equal(`${minute} ${hour} * * *`);
        expect(schedule.safeParse(cronOf(time)).success).to.be.true;
      }),
    );
  });
});

describe('a private network', () => {
  it('lies in a private range, starts where it says, and has a size that clouds take', () => {
    for (const good of ['10.0.0.0/16', '10.10.16.0/20', '172.31.0.0/16', '192.168.4.0/24'])
      expect(privateNetwork.safeParse(good).success, good).to.be.true;
    for (const bad of [
      '8.8.0.0/16',
      '172.32.0.0/16',
      '10.0.0.1/16',
      '10.0.8.0/20',
      '10.0.0.0/8',
      '10.0.0.0/28',
      '10.0.300.0/24',
      '10.0.0.0',
    ]) {
      expect(privateNetwork.safeParse(bad).success, bad).to.be.false;
    }
  });
});

describe('a version of ffops', () => {
  it('is older, equal or newer, part by part', () => {
    expect(compareVersions('0.9.0', '0.10.0')).to.be.lessThan(0);
    expect(compareVersions('1.0', '1.0.0')).to.equal(0);
    expect(compareVersions('2', '1.9.9')).to.be.greaterThan(0);
    expect(compareVersions('0.2.0-beta.1', '0.2.0')).to.equal(0);
  });
});
