/** A whole production that is there in half a minute: every stack, the smallest of everything. */
import { readdirSync, readlinkSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { realClock } from '../../src/adapters/clock.ts';
import { realNetwork } from '../../src/adapters/network.ts';
import { objectStorage, type ObjectStorage } from '../../src/cloud/object-storage.ts';
import { Secret } from '../../src/model/secret.ts';
import { sandboxLayout } from '../../src/sandbox/layout.ts';
import type { InventoryItem, Product } from './product.ts';

export const smallProduction = `platform: doks
rootDomain: example.com
cluster:
  region: ams3
  version: "1.35"
  systemPool: { size: s-2vcpu-4gb, count: 1 }
  nodePools: []
ingress: { waf: off, replicas: 1 }
tls: { issuer: none }
mail:
  mx:
    - { host: mx1.example.com, priority: 10 }
    - { host: mx2.example.com, priority: 20 }
  spf: v=spf1 mx -all
backups: { enabled: false }
metrics: { enabled: false }
apps:
  hello: {}
`;

const stacks = ['base', 'cloud', 'infra', 'app-hello'];

/** Takes all of it away, data too, so that the next apply begins from nothing. */
export async function clearSmallProduction(product: Product): Promise<void> {
  await product.ffops([
    'destroy',
    '--yes',
    ...stacks.flatMap((stack) => ['--stack', stack]),
    ...['example.com', 'fullfrontend-prod', 'hello-files'].flatMap((name) => ['--allow-data-loss', name]),
  ]);
}

/** What a run leaves, in words that are the same for two runs that did the same. */
export async function footprint(product: Product, leaveOut: readonly string[] = []): Promise<readonly string[]> {
  const items = await product.inventory();
  return items
    .filter(({ kind }) => !leaveOut.includes(kind))
    .map((item) => `${item.kind} ${stableName(item)}`)
    .sort();
}

/** The names of nodes and volumes carry what chance gave them. */
function stableName({ kind, name }: InventoryItem): string {
  if (kind === 'droplet') return name.replace(/-[a-z0-9]{5}$/, '');
  return kind === 'volume' ? name.replace(/-.*/, '') : name;
}

/** What only a run under way may leave: locks, rescued states, import blocks, running tools. */
export async function remnants(product: Product): Promise<readonly string[]> {
  const { root } = sandboxLayout(product.folder);
  const below = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const temporary = /(\/run\.lock|\.tflock|\.lock\.info|\/errored\.tfstate|\/adopt\.tf)$/;
  return [
    ...below(join(root, 'prod')).filter((path) => temporary.test(path)),
    ...(await stateLocks(product)),
    ...runningTofus(product).map((pid) => `tofu ${pid}`),
  ];
}

/** The simulated Spaces, with the key of its account. */
export async function storageOf(product: Product): Promise<ObjectStorage> {
  const { keysFile } = sandboxLayout(product.folder);
  const { spaces } = JSON.parse(readFileSync(keysFile, 'utf8')) as { spaces: { accessKey: string; secretKey: string } };
  const { status } = await product.result<{ status: { spacesUrl: string } }>(['sandbox', 'status']);
  const credentials = { accessKey: new Secret(spaces.accessKey), secretKey: new Secret(spaces.secretKey) };
  const access = { endpoint: status.spacesUrl, region: 'ams3', credentials };
  return objectStorage({ network: realNetwork(), clock: realClock() }, access);
}

/** As OpenTofu would find them. */
async function stateLocks(product: Product): Promise<readonly string[]> {
  const storage = await storageOf(product);
  const keys = stacks.map((stack) => `prod/${stack}.tfstate.tflock`);
  const locks = await Promise.all(keys.map((key) => storage.get('fullfrontend-prod-state', key)));
  return keys.filter((_, index) => locks[index] !== undefined);
}

/** Ids of the tofu processes that work in this workspace, and in no other. */
export function runningTofus(product: Product): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(`${product.folder}/`)) return false;
        const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return basename(program) === 'tofu';
      } catch {
        // It ended while we looked.
        return false;
      }
    });
}

/** Controllers inside the cluster take their time: what they make is waited for. */
export async function eventually<Value>(look: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await look();
    if (holds(value) || Date.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
