/** Versions as tools print them and ranges as pins.yaml words them; pre-release and build suffixes are not compared. */

type Triple = readonly [number, number, number];

/** The first `1.2.3` in a tool's output. */
export function versionIn(text: string): string | undefined {
  return /(?<![\d.])(\d+\.\d+\.\d+)(?![\d.])/.exec(text)?.[1];
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [triple(a), triple(b)];
  for (const index of [0, 1, 2] as const) if (left[index] !== right[index]) return left[index] - right[index];
  return 0;
}

/** `range` is comparators that must all hold, such as `>=1.11.0 <2.0.0`. */
export function fits(version: string, range: string): boolean {
  return range.split(' ').every((comparator) => {
    const [, operator, bound] = /^(>=|<)(.+)$/.exec(comparator) ?? [];
    if (bound === undefined) throw new Error(`${comparator} is no comparator`);
    const difference = compareVersions(version, bound);
    return operator === '>=' ? difference >= 0 : difference < 0;
  });
}

function triple(version: string): Triple {
  const [major = 0, minor = 0, patch = 0] = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => parseInt(part, 10));
  return [major, minor, patch];
}
