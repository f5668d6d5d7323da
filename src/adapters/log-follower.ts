import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const pollMs = 100;
const chunkBytes = 64 * 1024;

/** Reads a file while another program still writes it. */
export function followLog(path: string, onChunk: (chunk: Uint8Array) => void): { stop(): string } {
  const descriptor = openSync(path, 'r');
  const buffer = Buffer.alloc(chunkBytes);
  let position = 0;

  const readOn = (): void => {
    for (;;) {
      const count = readSync(descriptor, buffer, 0, chunkBytes, position);
      if (count === 0) return;
      position += count;
      onChunk(Buffer.from(buffer.subarray(0, count)));
    }
  };
  const timer = setInterval(readOn, pollMs);

  return {
    /** The rest, then everything as text. */
    stop: () => {
      clearInterval(timer);
      readOn();
      closeSync(descriptor);
      return readFileSync(path, 'utf8');
    },
  };
}
