import { inspect } from 'node:util';

/**
 * A value that must not be seen. Printing, logging, interpolating or serialising it shows `[secret]`; only `reveal()`
 * gives the text, so that every place that needs it can be found by name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
