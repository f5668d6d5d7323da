import { chmodSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TOOLCHAIN_FOLDER } from '../../toolchain/pins.ts';
import { messageOf } from '../../errors.ts';

/** A pod that has an address, before anything of it runs. */
export interface AnnouncedPod {
  /** Of the container that holds its network. */
  readonly id: string;
  /** `namespace/name` */
  readonly key: string;
  readonly uid: string;
  readonly address: string;
}

export interface Announced {
  /** The pod starts when it resolves, and is made again later when it rejects. */
  add(pod: AnnouncedPod): Promise<void>;
  remove(id: string): void;
}

export const CNI_VERSION = '1.0.0';
/** The plugin's name in the chain. */
export const ANNOUNCE = 'announce';
/** Beside the plugin, as toolchain/node/announce.sh has it. */
const FOLDER = 'announced';
const ASKED = '.asked';
/** Of the CNI specification: the runtime should try again later. */
const TRY_AGAIN = 11;

const configuration = z.object({
  prevResult: z.looseObject({ ips: z.array(z.looseObject({ address: z.string() })).default([]) }).optional(),
});

/** Makes the plugin a program of that folder, and answers what it asks. Returns how to leave it alone. */
export function answerAnnouncements(
  plugins: string,
  announced: Announced,
  report: (message: string) => void,
): () => void {
  const folder = join(plugins, FOLDER);
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder, () => {
    for (const name of readdirSync(folder).filter((one) => one.endsWith(ASKED))) {
      const id = name.slice(0, -ASKED.length);
      const question = readFileSync(join(folder, name), 'utf8');
      rmSync(join(folder, name));
      answer(id, question, announced)
        .then((lines) => reply(join(folder, `${id}.answer`), lines))
        .catch((error: unknown) => report(`${id}: ${messageOf(error)}`));
    }
  });
  const program = join(plugins, ANNOUNCE);
  writeFileSync(program, readFileSync(join(TOOLCHAIN_FOLDER, 'node', 'announce.sh')));
  chmodSync(program, 0o755);
  return () => watcher.close();
}

async function answer(id: string, question: string, announced: Announced): Promise<readonly [number, object]> {
  const [command, args = '', ...rest] = question.split('\n');
  if (command === 'VERSION') return [0, { cniVersion: CNI_VERSION, supportedVersions: [CNI_VERSION] }];
  try {
    const { prevResult } = configuration.parse(JSON.parse(rest.join('\n')));
    if (command === 'ADD') await announced.add({ id, ...podOf(args), address: addressOf(prevResult) });
    if (command === 'DEL') announced.remove(id);
    return [0, { ...prevResult, cniVersion: CNI_VERSION }];
  } catch (error) {
    return [1, { cniVersion: CNI_VERSION, code: TRY_AGAIN, msg: messageOf(error) }];
  }
}

/** `K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;…`, as container runtimes have it. */
function podOf(args: string): Pick<AnnouncedPod, 'key' | 'uid'> {
  const given = new Map(args.split(';').map((pair) => pair.split('=', 2) as [string, string]));
  const [namespace = '', name = '', uid = ''] = ['NAMESPACE', 'NAME', 'UID'].map((what) =>
    given.get(`K8S_POD_${what}`),
  );
  return { key: `${namespace}/${name}`, uid };
}

function addressOf(result: z.infer<typeof configuration>['prevResult']): string {
  const address = result?.ips.find((ip) => !ip.address.includes(':'))?.address.split('/')[0];
  if (address === undefined) throw new Error('the pod has no address');
  return address;
}

/** Fails when the plugin was killed meanwhile: then nobody waits. */
async function reply(path: string, [status, answered]: readonly [number, object]): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    await file.write(`${String(status)}\n${JSON.stringify(answered)}\n`);
  } finally {
    await file.close();
  }
}
