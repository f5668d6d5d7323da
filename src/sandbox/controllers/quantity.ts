const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a Kubernetes quantity such as `10Gi`. Throws on what is not one. */
export function bytesOf(quantity: string): number {
  const match = /^([0-9.]+)([kMGT]|[KMGT]i)?$/.exec(quantity);
  if (match === null) throw new Error(`not a quantity: ${quantity}`);
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

/** Volumes are sold in whole gibibytes. */
export function gibibytesOf(quantity: string): number {
  return Math.max(1, Math.ceil(bytesOf(quantity) / 2 ** 30));
}
