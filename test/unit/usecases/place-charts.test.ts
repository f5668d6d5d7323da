import { expect } from 'chai';
import type { Blueprint } from '../../../src/model/blueprint.ts';
import type { Surroundings } from '../../../src/model/surroundings.ts';
import type { ChartArchive } from '../../../src/render/charts.ts';
import { sha256 } from '../../../src/render/charts.ts';
import type { Rendered } from '../../../src/toolchain/toolchain.ts';
import { placeUpstreamCharts } from '../../../src/usecases/render.ts';
import type { RenderKit } from '../../../src/usecases/render-inputs.ts';
import { fakePorts } from '../../support/fakes.ts';

const digest = sha256(Buffer.from('archive'));
const chart: ChartArchive = { name: 'web', version: '1.0.0', file: 'web-1.0.0.tgz', digest };
const blueprint = {
  stacks: [{ providers: ['helm'], releases: [{ chart: { kind: 'upstream', name: 'web' } }] }],
} as unknown as Blueprint;
const kit = {
  charts: new Map([['web', chart]]),
  providers: { digitalocean: '9.0.0', helm: '3.0.0' },
} as unknown as RenderKit;

async function place(kind: Surroundings['kind']) {
  const { ports, files } = fakePorts({ files: { '/cache/web.tgz': 'archive', '/cache/upstream/web.tgz': 'theirs' } });
  const archive = (path: string, content: string) => ({
    path,
    version: '1.0.0',
    digest: sha256(Buffer.from(content)),
    reason: 'there',
  });
  const unused = async () => expect.fail('not asked for here');
  const recorded: Rendered[] = [];
  const surroundings = { kind, root: '/shop/.ffops' } as unknown as Surroundings;
  await placeUpstreamCharts(
    ports,
    { blueprint, surroundings, kit },
    {
      chartArchive: async () => archive('/cache/web.tgz', 'archive'),
      upstream: {
        provide: async () => archive('/cache/upstream/web.tgz', 'theirs'),
        check: unused,
        lockVersion: unused,
      },
      record: async (rendered) => void recorded.push(rendered),
    },
  );
  expect(recorded).to.have.length(1);
  const { charts, providers } = recorded[0]!;
  const placed = files.content.get('/shop/.ffops/charts/web-1.0.0.tgz');
  return { placed, charts: charts.map(({ name, version, digest: of }) => [name, version, of]), providers };
}

describe('placing charts', () => {
  it('takes the archives of their projects for a real environment, and records the providers it uses', async () => {
    expect(await place('real')).to.deep.equal({ placed: 'theirs', charts: [], providers: { helm: '3.0.0' } });
  });

  it('takes rebuilt ones for a sandbox, and records them and no providers', async () => {
    expect(await place('sandbox')).to.deep.equal({
      placed: 'archive',
      charts: [['web', '1.0.0', digest]],
      providers: undefined,
    });
  });
});
