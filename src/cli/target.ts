/** Hands the engine an environment and everything it works with. */
import { hostname, availableParallelism, freemem, userInfo } from 'node:os';
import { join } from 'node:path';
import { cloudHands } from '../cloud/cloud-hands.ts';
import type { Target } from '../engine/contracts.ts';
import { placeCharts, type UpstreamChart } from '../render/charts.ts';
import { loadRenderKit, type RenderKit } from '../usecases/render-inputs.ts';
import { render } from '../usecases/render.ts';
import type { Context } from './context.ts';
import { openHands, type Hands } from './hands.ts';

export async function openTarget(context: Context): Promise<Target> {
  const hands = await openHands(context);
  const { blueprint, surroundings, workspace, secrets, cluster } = hands;
  const providers = await hands.toolchain.providerSet();
  return {
    blueprint,
    surroundings,
    workspace,
    operator: { user: userInfo().username, host: hostname(), pid: process.pid },
    machine: { cores: availableParallelism(), freeMemoryBytes: freemem() },
    tool: hands.tool,
    providerMirror: providers.mirror,
    secrets,
    cluster,
    cloud: cloudHands({ ...hands.clusterDeps, network: context.ports.network }),
    render: async () => {
      const kit = await loadRenderKit(context.ports);
      const versions = { ...kit.providers, ...providers.versions } as RenderKit['providers'];
      const { written, folder } = await render(context.ports, { blueprint, surroundings, kit: { ...kit, providers: versions }, check: false });
      await placeCharts(context.ports.files, join(surroundings.root, 'charts'), [], await upstreamCharts(hands, kit));
      return written.map((path) => join(folder, path).slice(workspace.length + 1));
    },
  };
}

/** The archives of the charts that this environment installs; fetched or packed when they are not there yet. */
async function upstreamCharts({ blueprint, toolchain }: Hands, kit: RenderKit): Promise<readonly UpstreamChart[]> {
  const releases = blueprint.stacks.flatMap((stack) => stack.releases);
  const names = new Set(releases.flatMap(({ chart }) => (chart.kind === 'upstream' ? [chart.name] : [])));
  return Promise.all(
    [...names].map(async (name) => {
      const { path, digest, version } = await toolchain.chartArchive(name);
      return { name, version, file: kit.charts.get(name)!.file, digest: digest.replace(/^sha256:/, ''), path };
    }),
  );
}
