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
  const { ports, files } = fakePorts({ files: { '/cache/web.tgz': 'archive' } });
  const recorded: Rendered[] = [];
  const surroundings = { kind, root: '/shop/.ffops' } as unknown as Surroundings;
  await placeUpstreamCharts(
    ports,
    { blueprint, surroundings, kit },
    {
      chartArchive: async () => ({ path: '/cache/web.tgz', version: '1.0.0', digest, reason: 'packed' }),
      record: async (rendered) => void recorded.push(rendered),
    },
  );
  expect(files.content.get('/shop/.ffops/charts/web-1.0.0.tgz')).to.equal('archive');
  expect(recorded).to.have.length(1);
  const { charts, providers } = recorded[0]!;
  return { charts: charts.map(({ name, version, digest: of }) => [name, version, of]), providers };
}

describe('placing charts', () => {
  it('records them, and the providers that a real environment uses', async () => {
    expect(await place('real')).to.deep.equal({ charts: [['web', '1.0.0', digest]], providers: { helm: '3.0.0' } });
  });

  it('records no providers of a sandbox', async () => {
    expect(await place('sandbox')).to.deep.equal({ charts: [['web', '1.0.0', digest]], providers: undefined });
  });
});
