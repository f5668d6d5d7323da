/**
 * A .tar.gz whose bytes depend on its files alone: sorted, without times or owners, and stored rather than compressed,
 * because compressors differ from one machine to the next.
 */
import { crc32 } from 'node:zlib';

const BLOCK = 512;
const LARGEST_STORED_BLOCK = 0xffff;

/** Throws when a path is too long for the format. */
export function archive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path) ?? new Uint8Array();
    parts.push(tarHeader(path, content.length), content, new Uint8Array(padding(content.length)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return gzipStored(Buffer.concat(parts));
}

function padding(length: number): number {
  return (BLOCK - (length % BLOCK)) % BLOCK;
}

function tarHeader(path: string, size: number): Uint8Array {
  if (Buffer.byteLength(path) > 100) throw new Error(`path too long for an archive: ${path}`);
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function gzipStored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let start = 0; start < data.length; start += LARGEST_STORED_BLOCK) {
    const chunk = data.subarray(start, start + LARGEST_STORED_BLOCK);
    const head = Buffer.alloc(5);
    head[0] = start + chunk.length === data.length ? 1 : 0;
    head.writeUInt16LE(chunk.length, 1);
    head.writeUInt16LE(~chunk.length & 0xffff, 3);
    parts.push(head, chunk);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length >>> 0, 4);
  return Buffer.concat([...parts, trailer]);
}
