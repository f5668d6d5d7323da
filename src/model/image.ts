/** An image of a person's own choice for an app: another version, another registry, or the digest that nobody can exchange. */
import { z } from 'zod';

const REFERENCE =
  /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+:v?(\d+(?:\.\d+){0,2})[A-Za-z0-9._-]*(?:@sha256:[0-9a-f]{64})?$/;

/** The option `image` of an app. What an app's version is then, its tag says. */
export const ownImage = z
  .string()
  .regex(
    REFERENCE,
    'an image with its registry and a tag that is a version, and best with its digest: ghcr.io/project-zot/zot:v2.1.0@sha256:…',
  )
  .optional()
  .describe(
    'Image instead of the one that ffops pins: an older version, a mirror, a digest. Its tag says the version.',
  );

/** `2.1.0` of `ghcr.io/project-zot/zot:v2.1.0@sha256:…`. */
export function versionOfImage(image: string): string {
  const version = REFERENCE.exec(image)?.[1];
  if (version === undefined) throw new Error(`${image} names no version`);
  return version;
}
