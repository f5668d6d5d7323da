import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines, without their ends; `flush` gives the last one when it has no end. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Uint8Array): void; flush(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  const take = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };

  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk))),
    flush: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
