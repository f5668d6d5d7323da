/** IPv4 ranges and the addresses the cloud hands out. */

interface Range {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

function parseRange(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([a, b, c, d].some((octet) => octet > 255) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, bits };
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Whether a VPC may have it: inside RFC 1918, from /16 to /28. */
export function isPrivateRange(text: string): boolean {
  const range = parseRange(text);
  if (range === undefined || range.bits < 16 || range.bits > 28) return false;
  return privateRanges.some((wide) => {
    const outer = parseRange(wide);
    return outer !== undefined && range.first >= outer.first && range.last <= outer.last;
  });
}

export function overlaps(one: string, other: string): boolean {
  const a = parseRange(one);
  const b = parseRange(other);
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** A /20 that none of the others touches. */
export function freeRange(taken: readonly string[]): string {
  for (let n = 0; n < 16 * 256; n += 1) {
    const range = `10.${100 + Math.floor(n / 16)}.${(n % 16) * 16}.0/20`;
    if (!taken.some((other) => overlaps(other, range))) return range;
  }
  throw new Error('no free range is left');
}

/** The n-th address of a range, counting from 0; wraps around at its end. */
export function addressIn(range: string, n: number): string {
  const parsed = parseRange(range);
  if (parsed === undefined) throw new Error(`not a range: ${range}`);
  const usable = parsed.last - parsed.first - 2;
  const address = parsed.first + 2 + (n % usable);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Ranges reserved for documentation: they belong to nobody. */
export const loadBalancerRange = '203.0.113.0/24';
export const dropletRange = '198.51.100.0/24';
