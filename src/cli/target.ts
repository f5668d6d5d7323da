/** Hands the engine an environment and everything it works with. */
import { join } from 'node:path';
import { realMachine } from '../adapters/machine.ts';
import type { Target } from '../engine/contracts.ts';
import { appVersions } from '../usecases/app-versions.ts';
import { checkImages } from '../usecases/check-images.ts';
import { loadRenderKit } from '../usecases/render-inputs.ts';
import { placeUpstreamCharts, render } from '../usecases/render.ts';
import type { Context } from './context.ts';
import { once } from './once.ts';

export async function openTarget(context: Context): Promise<Target> {
  const hands = await context.hands();
  // First: no sandbox is started for an environment that it cannot hold.
  const providers = await hands.providers();
  const [{ root: workspace }, blueprint, surroundings, toolchain, environment] = await Promise.all([
    context.workspace(),
    context.blueprint(),
    hands.surroundings(),
    hands.toolchain(),
    hands.environment(),
  ]);
  const { secrets, cluster, cloud } = environment;
  const kit = once(() => loadRenderKit(context.ports, providers, { root: workspace }));
  return {
    blueprint,
    surroundings,
    workspace,
    operator: hands.operator,
    machine: realMachine(),
    tool: hands.tool,
    providerMirror: providers.mirror,
    secrets,
    cluster,
    cloud,
    apps: appVersions(context.ports, {
      blueprint,
      workspace,
      sandbox: context.flags.sandbox,
      charts: async () => (await kit()).charts,
    }),
    render: async () => {
      const request = { blueprint, surroundings, kit: await kit() };
      const { written, folder } = await render(context.ports, { ...request, check: false });
      await placeUpstreamCharts(context.ports, request, toolchain);
      const { unknown } = await checkImages(context.ports, { ...request, run: environment.run });
      // Every chart is in its place by now: only a missing helm can keep anyone from looking, and this says so.
      if (unknown.length > 0) await hands.tool('helm');
      return written.map((path) => join(folder, path).slice(workspace.length + 1));
    },
  };
}
