import { linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { blobPath } from './image.ts';

const BLOB = /^[0-9a-f]{64}$/;
/** Where containerd has the parts of images, below its root, by their digests as we have them. */
const STORE = 'io.containerd.content.v1.content/blobs';

/**
 * Links the blobs of a folder into a containerd's store: it takes what lies there for downloaded as soon as an image asks for
 * it. So nothing is written twice, and nothing has to be freed when the node goes. Elsewhere than on the same disk it does nothing.
 */
export function linkBlobs(folder: string, containerdRoot: string): void {
  const store = join(containerdRoot, STORE);
  mkdirSync(join(store, 'sha256'), { recursive: true });
  for (const name of readdirSync(join(folder, 'sha256')).filter((file) => BLOB.test(file))) {
    try {
      linkSync(blobPath(folder, `sha256:${name}`), blobPath(store, `sha256:${name}`));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EXDEV' || code === 'EPERM') return;
      if (code !== 'EEXIST') throw error;
    }
  }
}
