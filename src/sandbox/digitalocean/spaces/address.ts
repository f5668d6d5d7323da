/** Which bucket, key and region a request means, whether the bucket is in its host name or in its path. */
import { ADVERTISED } from '../../kubernetes/advertised.ts';
import { findRegion } from '../catalogue.ts';

/** A name that no resolver knows: what is meant for it reaches the front as its HTTP proxy, or not at all. */
export const spacesDomain = 'spaces.invalid';

export interface SpacesAddress {
  /** Empty for the list of buckets. */
  readonly bucket: string;
  /** Percent-encoded, without the leading slash; empty for the bucket itself. */
  readonly key: string;
  /** Known when the host name says it. */
  readonly region: string | undefined;
}

/** This machine, and what pods of real nodes call it. */
const here = new Set(['127.0.0.1', 'localhost', ADVERTISED]);

/** Undefined when the host is neither Spaces nor this machine. */
export function spacesAddress(host: string, path: string): SpacesAddress | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (here.has(name)) return { ...inPath(path), region: undefined };
  if (!name.endsWith(`.${spacesDomain}`)) return undefined;
  const labels = name.slice(0, -spacesDomain.length - 1).split('.');
  const region = findRegion(labels.at(-1) ?? '')?.slug;
  if (region === undefined) return undefined;
  const bucket = labels.slice(0, -1).join('.');
  return bucket === '' ? { ...inPath(path), region } : { bucket, key: path.slice(1), region };
}

function inPath(path: string): { readonly bucket: string; readonly key: string } {
  const end = path.indexOf('/', 1);
  return end < 0 ? { bucket: path.slice(1), key: '' } : { bucket: path.slice(1, end), key: path.slice(end + 1) };
}
