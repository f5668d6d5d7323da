import { crc32 } from 'node:zlib';
import type { ArchiveEntry } from './entry.ts';
import { TAR_END, tarHead, tarPadding } from './tar.ts';

/**
 * The same files give the same bytes everywhere: sorted, without owners or dates, and stored rather than compressed,
 * because the bytes a compressor writes depend on its version and on the processor.
 */
export function packTarGz(entries: readonly ArchiveEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = sorted.flatMap(({ path, content }) => [
    tarHead({ path, kind: 'file', size: content.length, mode: 0o644, uid: 0, gid: 0 }),
    content,
    tarPadding(content.length),
  ]);
  return storedGzip(Buffer.concat([...blocks, TAR_END]));
}

function storedGzip(data: Buffer): Uint8Array {
  const longest = 0xffff;
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let at = 0; at < data.length; at += longest) {
    const piece = data.subarray(at, at + longest);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + longest >= data.length ? 1 : 0);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(~piece.length & 0xffff, 3);
    parts.push(head, piece);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(data));
  tail.writeUInt32LE(data.length % 2 ** 32, 4);
  return Buffer.concat([...parts, tail]);
}
