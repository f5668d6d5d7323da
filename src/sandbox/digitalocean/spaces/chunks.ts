/** Takes the wrapping of `aws-chunked` bodies off: sizes, chunk signatures and trailing checksums go, the bytes stay. */
import { Transform, type TransformCallback } from 'node:stream';

const lineEnd = Buffer.from('\r\n');

export class Unchunk extends Transform {
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes still to come of the present chunk; undefined while its header is awaited. */
  #left: number | undefined;
  #done = false;

  override _transform(data: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    try {
      while (!this.#done && this.#step());
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _flush(callback: TransformCallback): void {
    callback(this.#done ? null : new Error('the chunked body ends early'));
  }

  /** False when more bytes are needed. */
  #step(): boolean {
    if (this.#left === undefined) {
      const end = this.#pending.indexOf(lineEnd);
      if (end < 0) return false;
      const size = Number.parseInt(this.#pending.subarray(0, end).toString('latin1'), 16);
      if (Number.isNaN(size)) throw new Error('not a chunked body');
      this.#pending = this.#pending.subarray(end + lineEnd.length);
      // What follows the last chunk is checksums; the S3 server computes its own.
      if (size === 0) this.#done = true;
      else this.#left = size;
      return true;
    }
    if (this.#left > 0) {
      const part = this.#pending.subarray(0, this.#left);
      if (part.length === 0) return false;
      this.push(Buffer.from(part));
      this.#left -= part.length;
      this.#pending = this.#pending.subarray(part.length);
      return true;
    }
    if (this.#pending.length < lineEnd.length) return false;
    this.#pending = this.#pending.subarray(lineEnd.length);
    this.#left = undefined;
    return true;
  }
}
