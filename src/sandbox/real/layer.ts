import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TAR_END, tarHead, tarPadding, type TarMember } from '../../archives/tar.ts';

/** A file or a folder of this machine, and where an image has it. */
export interface LayerSource {
  readonly from: string;
  /** Absolute, inside the image. */
  readonly to: string;
  /** For everything in it, instead of the owner it has here. */
  readonly owner?: number;
  /** Of a file, instead of the mode it has here. */
  readonly mode?: number;
}

export interface LayerFile {
  readonly path: string;
  readonly size: number;
  /** `sha256:…` */
  readonly digest: string;
}

interface Member extends TarMember {
  readonly from?: string;
}

/** One layer of an image as a tar file: sorted and without dates, so that the same files give the same digest. */
export async function writeLayer(path: string, sources: readonly LayerSource[]): Promise<LayerFile> {
  const members = new Map<string, Member>();
  for (const source of sources) gather(source, members);
  const sorted = [...members.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const hash = createHash('sha256');
  let size = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const member of sorted) {
      yield tarHead(member);
      if (member.from === undefined || member.size === 0) continue;
      yield* createReadStream(member.from) as AsyncIterable<Uint8Array>;
      yield tarPadding(member.size);
    }
    yield TAR_END;
  }
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes()) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  }
  await pipeline(counted, createWriteStream(path));
  return { path, size, digest: `sha256:${hash.digest('hex')}` };
}

/** Later sources win over earlier ones; the folders that lead to a source are root's. */
function gather(source: LayerSource, members: Map<string, Member>): void {
  const root = source.to.replaceAll(/^\/+|\/+$/g, '');
  for (let parent = dirname(root); parent !== '.' && root !== ''; parent = dirname(parent)) {
    if (!members.has(parent)) members.set(parent, folderMember(parent, 0o755, 0, 0));
  }
  /** Names of one file must stay one file: what is linked by hand (busybox, perl) would be many times as large. */
  const linked = new Map<number, string>();
  const walk = (from: string, path: string): void => {
    const info = lstatSync(from);
    if (path !== '') members.set(path, memberOf(source, from, path, info, linked));
    if (!info.isDirectory()) return;
    for (const name of readdirSync(from).sort()) walk(join(from, name), path === '' ? name : `${path}/${name}`);
  };
  walk(source.from, root);
}

function memberOf(
  { owner, mode }: LayerSource,
  from: string,
  path: string,
  info: Stats,
  linked: Map<number, string>,
): Member {
  const [uid, gid] = owner === undefined ? [info.uid, info.gid] : [owner, owner];
  if (info.isDirectory()) return folderMember(path, info.mode, uid, gid);
  const common = { path, mode: mode ?? info.mode, uid, gid };
  if (info.isSymbolicLink()) return { ...common, kind: 'symlink', size: 0, target: readlinkSync(from) };
  if (!info.isFile()) throw new Error(`${basename(from)} is neither a file nor a folder, and no image can have it`);
  const first = info.nlink > 1 ? linked.get(info.ino) : undefined;
  if (first !== undefined) return { ...common, kind: 'hardlink', size: 0, target: first };
  if (info.nlink > 1) linked.set(info.ino, path);
  return { ...common, kind: 'file', size: info.size, from };
}

function folderMember(path: string, mode: number, uid: number, gid: number): Member {
  return { path, kind: 'folder', size: 0, mode, uid, gid };
}
