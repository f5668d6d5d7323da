/** The archives that projects publish, as far as taking files out of them goes. */
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { BLOCK, type ArchiveEntry } from './entry.ts';

/** Regular files of a .tar.gz. Long names of GNU and of pax are understood. */
export function readTarGz(data: Uint8Array): readonly ArchiveEntry[] {
  const tar = gunzipSync(data);
  const entries: ArchiveEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK);
    const size = parseInt(text(header, 124, 12), 8) || 0;
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error('the archive ends too early');
    const kind = String.fromCharCode(header[156] ?? 0);
    const prefix = text(header, 345, 155);
    const path = longName ?? (prefix ? `${prefix}/${text(header, 0, 100)}` : text(header, 0, 100));
    if (kind === 'L') longName = text(content, 0, size);
    else if (kind === 'x') longName = /^\d+ path=(.+)$/m.exec(Buffer.from(content).toString('utf8'))?.[1];
    else {
      if (kind === '0' || kind === '\0') entries.push({ path, content });
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** Files of a .zip, by its central directory: local headers may leave the sizes out. */
export function readZip(data: Uint8Array): readonly ArchiveEntry[] {
  const zip = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('the archive has no directory: it is not whole');
  const entries: ArchiveEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const path = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const raw = zip.subarray(start, start + packed);
    if (!path.endsWith('/')) entries.push({ path, content: method === 0 ? raw : inflateRawSync(raw) });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = Buffer.from(bytes.subarray(start, start + length)).toString('utf8');
  const zero = field.indexOf('\0');
  return (zero < 0 ? field : field.slice(0, zero)).trim();
}
