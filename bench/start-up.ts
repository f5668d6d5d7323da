import { join } from 'node:path';
import { median, race, ratio, root, type Claim, type Contender, type Run } from './measure.ts';

const ROUNDS = 15;

export async function measureStartUp(): Promise<readonly Claim[]> {
  const node = (name: string, ...args: string[]): Contender => ({ name, program: process.execPath, args });
  const runs = await race(
    [
      node('floor', '-e', '0'),
      node('empty', join(root, 'bench', 'empty-oclif', 'run.js'), 'nothing'),
      node('ffops', join(root, 'bin', 'run.js'), 'env', 'list', '--workspace', join(root, 'examples', 'fullfrontend')),
    ],
    ROUNDS,
  );
  const of = (name: string): readonly Run[] => runs.get(name) ?? [];
  const ffops = of('ffops');
  return [
    { what: '`ffops env list` against an empty oclif command', value: ratio(ffops, of('empty')), unit: '×', goal: 1.4 },
    { what: '`ffops env list` against `node -e 0`', value: ratio(ffops, of('floor')), unit: '×' },
    { what: '`ffops env list`, median', value: median(ffops.map((run) => run.seconds)), unit: 's' },
  ];
}
