/** Starts a simulated DigitalOcean: its memory, its routes, the work on its clusters. */
import { Calls } from './calls.ts';
import { livingClusters } from './cluster-access.ts';
import { Clusters } from './clusters.ts';
import type { Cloud, CloudOptions } from './contracts.ts';
import { Faults } from './faults.ts';
import { kubernetesResources } from './kubernetes-resources.ts';
import { accountRoutes } from './routes/account.ts';
import { domainRoutes } from './routes/domains.ts';
import { dropletRoutes } from './routes/droplets.ts';
import { kubernetesRoutes } from './routes/kubernetes.ts';
import { loadBalancerRoutes } from './routes/load-balancers.ts';
import { nodePoolRoutes } from './routes/node-pools.ts';
import { makeDefaultProject, projectRoutes } from './routes/projects.ts';
import { sandboxRoutes } from './routes/sandbox.ts';
import { spacesKeyRoutes } from './routes/spaces-keys.ts';
import { tagRoutes } from './routes/tags.ts';
import { volumeRoutes } from './routes/volumes.ts';
import { vpcRoutes } from './routes/vpcs.ts';
import { startServer } from './server.ts';
import { startSpaces } from './spaces/front.ts';
import { Store } from './store.ts';
import { account, type World } from './world.ts';

const clusterRetryMs = 3000;

/** Takes up where the last process in this folder left off, however that one ended. Rejects when the port is taken. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const store = new Store(options.folder);
  const world: World = { store, delayMs: options.delayMs, account };
  makeDefaultProject(world);
  const faults = new Faults();
  const calls = new Calls(options.folder);
  const clusters = new Clusters(store, options.clusters, clusterRetryMs);
  const kubernetes = kubernetesResources(world);
  const server = await startServer({
    port: options.port,
    tokens: options.tokens,
    faults,
    calls,
    routes: [
      ...accountRoutes(world),
      ...projectRoutes(world),
      ...vpcRoutes(world),
      ...kubernetesRoutes(world, clusters),
      ...nodePoolRoutes(world),
      ...domainRoutes(world),
      ...loadBalancerRoutes(world),
      ...volumeRoutes(world),
      ...dropletRoutes(world),
      ...tagRoutes(world),
      ...spacesKeyRoutes(world),
      ...sandboxRoutes(world, { faults, calls }),
    ],
  });
  const spaces = options.spaces === undefined ? undefined : await startSpaces(options.spaces, { store, faults, calls });
  clusters.start();

  return {
    url: server.url,
    spacesUrl: spaces?.url,
    kubernetes,
    onChange: (listener) => store.onChange(listener),
    clusters: () => livingClusters(store).map((cluster) => clusters.spec(cluster)),
    close: async () => {
      clusters.close();
      await server.close();
      await spaces?.close();
      kubernetes.close();
      store.close();
    },
  };
}
