/** A record of every call: when, what, how it ended. Never a header, a body or a token. */
import fs from 'node:fs';
import path from 'node:path';

export interface Call {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  /** 0 when the connection was broken. */
  readonly status: number;
  readonly durationMs: number;
  readonly userAgent: string;
  /** The kind of fault it met. */
  readonly fault?: string;
}

const limitBytes = 8 * 1024 * 1024;

export class Calls {
  readonly #file: string;
  #bytes: number;

  constructor(folder: string) {
    this.#file = path.join(folder, 'calls.jsonl');
    this.#bytes = fs.existsSync(this.#file) ? fs.statSync(this.#file).size : 0;
  }

  add(call: Call): void {
    const line = `${JSON.stringify(call)}\n`;
    if (this.#bytes + line.length > limitBytes) {
      fs.renameSync(this.#file, `${this.#file}.1`);
      this.#bytes = 0;
    }
    fs.appendFileSync(this.#file, line, { mode: 0o600 });
    this.#bytes += line.length;
  }

  /** From `since` (inclusive) on, oldest first. */
  list(since?: string): readonly Call[] {
    const lines = [`${this.#file}.1`, this.#file].flatMap((file) =>
      fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [],
    );
    const calls = lines.flatMap((line) => readCall(line));
    return since === undefined ? calls : calls.filter((call) => call.at >= since);
  }
}

/** A line torn by a crash is left out. */
function readCall(line: string): readonly Call[] {
  try {
    return [JSON.parse(line) as Call];
  } catch {
    return [];
  }
}
