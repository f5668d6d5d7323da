import { expect } from 'chai';
import { parse } from 'yaml';
import type { Origin } from '../../../src/model/origin.ts';
import type { EnvironmentShowResult } from '../../../src/usecases/environment-show.ts';
import { environmentShowText } from '../../../src/views/environment-show.ts';
import { styleFor } from '../../../src/views/style.ts';

describe('env show', () => {
  const file = (path: string, line: number): Origin => ({
    kind: 'file',
    path,
    file: 'environments/prod.yaml',
    line,
    column: 1,
  });
  const platform = (path: string): Origin => ({ kind: 'platform', path, platform: 'doks' });
  type Values = EnvironmentShowResult['values'];
  const shown = (values: Values, colour = false): string =>
    environmentShowText(
      { name: 'prod', file: 'environments/prod.yaml', values, environment: {} as never },
      styleFor(colour),
    );

  const values: Values = [
    { path: 'platform', value: 'doks', origin: file('platform', 1) },
    { path: 'pools[0].name', value: 'apps', origin: file('pools[0].name', 4) },
    { path: 'pools[0].labels["example.com/tier"]', value: 'on', origin: file('x', 6) },
    { path: 'pools[1].name', value: '0x10', origin: file('x', 7) },
    { path: 'pools[1].taints', value: [], origin: platform('x') },
    { path: 'buckets[0]', value: 'a: b', origin: file('x', 9) },
    { path: 'buckets[1]', value: 'c', origin: file('x', 10) },
    { path: 'backups.enabled', value: true, origin: platform('x') },
    { path: 'apps', value: {}, origin: { kind: 'ffops', path: 'apps' } },
  ];

  it('is YAML that a reader of any version takes for the same values', () => {
    const expected = {
      platform: 'doks',
      pools: [
        { name: 'apps', labels: { 'example.com/tier': 'on' } },
        { name: '0x10', taints: [] },
      ],
      buckets: ['a: b', 'c'],
      backups: { enabled: true },
      apps: {},
    };
    expect(parse(shown(values))).to.deep.equal(expected);
    expect(parse(shown(values), { version: '1.1' })).to.deep.equal(expected);
  });

  it('says where each value comes from', () => {
    const lines = shown(values).split('\n');
    expect(lines.find((line) => line.includes('- name: apps'))).to.match(/# line 4$/);
    expect(lines.find((line) => line.includes('enabled'))).to.match(/# default of doks$/);
    expect(lines.find((line) => line.startsWith('apps'))).to.match(/# default$/);
  });

  it('dims defaults, and says the same in colour', () => {
    const coloured = shown(values, true);
    expect(coloured).to.include('\u001b[2m');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).to.equal(shown(values));
  });
});
