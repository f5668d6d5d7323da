/** Hands the commands of apps their place, and what rendering after a change needs. */
import type { AppPlace } from '../usecases/apps.ts';
import type { RenderHands } from '../usecases/app-change.ts';
import { loadRenderKit } from '../usecases/render-inputs.ts';
import type { Context } from './context.ts';

export async function appPlace(context: Context): Promise<AppPlace> {
  return {
    workspace: await context.workspace(),
    environment: (await context.choice()).name,
    sandbox: context.flags.sandbox,
  };
}

export function renderHands(context: Context): RenderHands {
  return {
    kit: async () => loadRenderKit(context.ports, await (await context.hands()).providers(), await context.workspace()),
    surroundings: () => context.surroundings(),
  };
}

export function chartsLocker(context: Context): (names: readonly string[]) => Promise<void> {
  return async (names) => {
    const { upstream } = await (await context.hands()).toolchain();
    for (const name of names) await upstream.provide(name, { update: true });
  };
}
