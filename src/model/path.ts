/** The dotted name of an option, such as `cluster.nodePools[0].labels["example.com/tier"]`, and its segments. */
export type Segments = readonly (string | number)[];

const PLAIN = /^[A-Za-z0-9_$-]+$/;

export function formatPath(segments: Segments): string {
  let path = '';
  for (const segment of segments) path = childPath(path, segment);
  return path;
}

export function childPath(parent: string, segment: string | number): string {
  if (typeof segment === 'number') return `${parent}[${segment}]`;
  if (!PLAIN.test(segment)) return `${parent}[${JSON.stringify(segment)}]`;
  return parent === '' ? segment : `${parent}.${segment}`;
}

/** What does not parse as a path is taken as one name. */
export function parsePath(path: string): Segments {
  const segments: (string | number)[] = [];
  const step = /\.?([A-Za-z0-9_$-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return [path];
    if (match[1] !== undefined) segments.push(match[1]);
    else if (match[2] !== undefined) segments.push(Number(match[2]));
    else segments.push(JSON.parse(match[3] as string) as string);
  }
  return segments;
}
