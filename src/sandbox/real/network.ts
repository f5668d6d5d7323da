import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programEnvironment, type InsideOptions } from './inside-options.ts';

export interface Network {
  addAddress(address: string): Promise<void>;
  removeAddress(address: string): Promise<void>;
}

const run = promisify(execFile);
const DEVICE = 'nodes';

/**
 * A pair of interfaces that both lie in here: one carries the nodes' addresses and the routes to addresses that only
 * kube-proxy's rules know. There is no route to anywhere else.
 */
export async function makeNetwork({ apiAddress, serviceRange, loadBalancerRange }: InsideOptions): Promise<Network> {
  const ip = async (...args: readonly string[]): Promise<void> => void (await run('ip', args));
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', `${DEVICE}-end`);
  await ip('link', 'set', DEVICE, 'up');
  await ip('link', 'set', `${DEVICE}-end`, 'up');
  await ip('address', 'add', `${apiAddress}/32`, 'dev', DEVICE);
  for (const range of [serviceRange, loadBalancerRange])
    await ip('route', 'add', range, 'dev', DEVICE, 'src', apiAddress);
  return {
    addAddress: (address) => ip('address', 'replace', `${address}/32`, 'dev', DEVICE),
    removeAddress: (address) => ip('address', 'delete', `${address}/32`, 'dev', DEVICE),
  };
}

/** One transaction of nftables: all of it, or nothing. */
export async function applyRules(ruleset: string, options: InsideOptions): Promise<void> {
  const applied = run('nft', ['-f', '-'], { env: programEnvironment(options) });
  applied.child.stdin?.end(ruleset);
  await applied;
}
