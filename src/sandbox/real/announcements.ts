import { chmodSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TOOLCHAIN_FOLDER } from '../../toolchain/pins.ts';
import { RUN_INSIDE } from './inside-options.ts';

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

/** The plugin's name in the chain. */
export const ANNOUNCE = 'announce';
/** As toolchain/node/announce.sh has it. */
const FOLDER = `${RUN_INSIDE}/announced`;
const ASKED = '.asked';
/** Of the CNI specification: the runtime should try again later. */
const TRY_AGAIN = 11;

const configuration = z.looseObject({
  cniVersion: z.string(),
  prevResult: z.looseObject({ ips: z.array(z.looseObject({ address: z.string() })).default([]) }).optional(),
});

/** The plugin as a program of that folder. */
export function placeAnnouncePlugin(folder: string): void {
  const program = join(folder, ANNOUNCE);
  writeFileSync(program, readFileSync(join(TOOLCHAIN_FOLDER, 'node', 'announce.sh')));
  chmodSync(program, 0o755);
}

/** Answers what the plugin asks, for as long as this process runs. */
export function answerAnnouncements(announced: Announced, report: (message: string) => void): void {
  mkdirSync(FOLDER, { recursive: true });
  watch(FOLDER, () => {
    for (const name of readdirSync(FOLDER).filter((one) => one.endsWith(ASKED))) {
      const id = name.slice(0, -ASKED.length);
      const question = readFileSync(join(FOLDER, name), 'utf8');
      rmSync(join(FOLDER, name));
      answer(id, question, announced)
        .then((lines) => reply(id, lines))
        .catch((error: unknown) => report(`${id}: ${messageOf(error)}`));
    }
  });
}

async function answer(id: string, question: string, announced: Announced): Promise<readonly [number, object]> {
  const [command, args = '', ...rest] = question.split('\n');
  const { cniVersion, prevResult } = configuration.parse(JSON.parse(rest.join('\n')));
  if (command === 'VERSION') return [0, { cniVersion, supportedVersions: [cniVersion] }];
  try {
    if (command === 'ADD') await announced.add({ id, ...podOf(args), address: addressOf(prevResult) });
    if (command === 'DEL') announced.remove(id);
    return [0, { ...prevResult, cniVersion }];
  } catch (error) {
    return [1, { cniVersion, code: TRY_AGAIN, msg: messageOf(error) }];
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
async function reply(id: string, [status, answered]: readonly [number, object]): Promise<void> {
  const file = await open(join(FOLDER, `${id}.answer`), constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    await file.write(`${String(status)}\n${JSON.stringify(answered)}\n`);
  } finally {
    await file.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
