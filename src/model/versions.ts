/** Versions of ffops itself: `0.1.0`, or the start of one. */
export function isVersion(text: string): boolean {
  return /^\d{1,6}(\.\d{1,6}){0,2}$/.test(text);
}

/** Negative when `a` is older. A pre-release counts as its release; missing parts are zero. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  const differing = left.findIndex((part, index) => part !== right[index]);
  return differing === -1 ? 0 : (left[differing] as number) - (right[differing] as number);
}

function parts(version: string): [number, number, number] {
  const [major, minor, patch] = (version.split(/[-+]/)[0] as string).split('.').map(Number);
  return [major ?? 0, minor ?? 0, patch ?? 0];
}
