/** The rate limit's headers: counted as the real API counts, refused only when a fault says so. */

const perHour = 5000;
const hourMs = 3600_000;

export class RateLimit {
  #windowEnds = 0;
  #left = perHour;

  /** Counts one request; the headers of its answer. */
  take(): Readonly<Record<string, string>> {
    const now = Date.now();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + hourMs;
      this.#left = perHour;
    }
    this.#left = Math.max(0, this.#left - 1);
    return {
      'ratelimit-limit': String(perHour),
      'ratelimit-remaining': String(this.#left),
      'ratelimit-reset': String(Math.floor(this.#windowEnds / 1000)),
    };
  }
}
