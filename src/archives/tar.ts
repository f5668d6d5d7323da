import { BLOCK } from './entry.ts';

export interface TarMember {
  /** Without a slash at its start. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a link. */
  readonly target?: string;
}

const TYPES: Readonly<Record<TarMember['kind'], string>> = { file: '0', hardlink: '1', symlink: '2', folder: '5' };
/** What fits into the header itself; longer names go before it, as POSIX says. */
const LONGEST_TARGET = 100;

/** Everything that comes before a member's content. Without dates and names of owners: the same members, the same bytes. */
export function tarHead(member: TarMember): Uint8Array {
  const path = member.kind === 'folder' ? `${member.path}/` : member.path;
  const split = splitPath(path);
  const target = member.target ?? '';
  const records = [
    ...(split === undefined ? [paxRecord('path', path)] : []),
    ...(Buffer.byteLength(target) > LONGEST_TARGET ? [paxRecord('linkpath', target)] : []),
  ];
  const own = header(split ?? ['', path], member, TYPES[member.kind]);
  if (records.length === 0) return own;
  const content = Buffer.from(records.join(''), 'utf8');
  const before = header(['', 'pax'], { ...member, size: content.length, mode: 0o644, target: '' }, 'x');
  return Buffer.concat([before, content, tarPadding(content.length), own]);
}

/** What fills the last block of a content. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

export const TAR_END = new Uint8Array(2 * BLOCK);

function header(
  [prefix, name]: readonly [string, string],
  member: Omit<TarMember, 'kind' | 'path'>,
  type: string,
): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0, 100, 'utf8');
  block.write(octal(member.mode & 0o7777, 7), 100, 'latin1');
  block.write(octal(member.uid, 7), 108, 'latin1');
  block.write(octal(member.gid, 7), 116, 'latin1');
  block.write(octal(member.size, 11), 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(member.target ?? '', 157, LONGEST_TARGET, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(prefix, 345, 155, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(rest) + String(length).length)
    length = Buffer.byteLength(rest) + String(length).length;
  return `${String(length)}${rest}`;
}

/** ustar keeps at most 100 bytes of a name and 155 of the folders before it; undefined when that is not enough. */
function splitPath(path: string): readonly [string, string] | undefined {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  return undefined;
}
