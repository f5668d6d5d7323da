/** A cloud in a process of its own, to be killed: `node cloud-process.ts <folder>` prints its address. */
import { flushCompileCache } from 'node:module';
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
// Who is killed keeps nothing for the next.
flushCompileCache();
console.log(cloud.url);
