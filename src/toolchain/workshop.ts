/** What finding and making tools, providers and charts share. */
import { FailedError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { Builder } from './builder.ts';
import type { Downloads } from './downloads.ts';
import type { Host } from './host.ts';
import type { Layout } from './layout.ts';
import type { WorkspaceLock } from './lockfile.ts';
import type { Pins } from './pins.ts';

/** `auto` is the order that README.md of toolchain/ tells; the others are for who wants one way only. */
export const sources = ['auto', 'release', 'build'] as const;
export type Source = (typeof sources)[number];

export interface Workshop {
  readonly ports: Ports;
  readonly host: Host;
  /** `<os>_<arch>` */
  readonly platform: string;
  readonly layout: Layout;
  readonly pins: Pins;
  readonly source: Source;
  /** Neither release servers nor the provider registry are asked. */
  readonly offline: boolean;
  readonly lock: WorkspaceLock;
  readonly downloads: Downloads;
  readonly builder: Builder;
}

export function notReleased(what: string, version: string, why: string): FailedError {
  return new FailedError('toolchain.noRelease', {
    message: `The release ${version} of ${what} cannot be had: ${why}.`,
    hints: [
      'Check the connection, or name a mirror in FFOPS_MIRROR.',
      'Without `--source release`, ffops builds it from source.',
    ],
  });
}
