/** A cloud in a process of its own, to be killed: `node cloud-process.ts <folder>` prints its address. */
import { startCloud } from '../../../src/sandbox/digitalocean/cloud.ts';
import { fakeClusters } from './fake-clusters.ts';
import { token } from './open-cloud.ts';

const cloud = await startCloud({
  folder: process.argv[2] ?? '',
  tokens: [token],
  port: 0,
  clusters: fakeClusters(20),
  delayMs: 20,
});
console.log(cloud.url);
