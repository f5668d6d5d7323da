/** The `tools` of ffops.lock.yaml: what was downloaded once must be downloaded forever, whatever a server says later. */
import { isMap, parseDocument } from 'yaml';
import { UserError } from '../errors.ts';
import type { Files } from '../ports/files.ts';

export interface LockedDownload {
  readonly version: string;
  readonly url: string;
  readonly sha256: string;
}

export interface DownloadLock {
  readonly path: string;
  read(tool: string, platform: string): Promise<LockedDownload | undefined>;
  write(tool: string, platform: string, download: LockedDownload): Promise<void>;
}

export function downloadLock(files: Files, path: string): DownloadLock {
  let last: Promise<unknown> = Promise.resolve();

  const load = async () => {
    const document = parseDocument((await files.read(path)) ?? '');
    if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) {
      throw new UserError('toolchain.lockFile', {
        message: `${path} is not the YAML that ffops writes.`,
        hints: ['Take it back from version control, or remove it to record everything anew.'],
      });
    }
    return document;
  };

  return {
    path,
    async read(tool, platform) {
      const found = (await load()).getIn(['tools', tool, platform]);
      if (!isMap(found)) return undefined;
      const download = found.toJSON() as Partial<LockedDownload>;
      return typeof download.sha256 === 'string' ? (download as LockedDownload) : undefined;
    },
    // One after another: tools are downloaded in parallel, and each write rewrites the file.
    write(tool, platform, { version, url, sha256 }) {
      const written = last.then(async () => {
        const document = await load();
        document.setIn(['tools', tool, platform], { version, url, sha256 });
        await files.write(path, document.toString({ lineWidth: 0 }));
      });
      last = written.catch(() => undefined);
      return written;
    },
  };
}
