import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Part, type PartHome } from './processes/part.ts';
import { freePort } from './processes/ports.ts';
import { GaveUp, waitFor } from './processes/wait.ts';

export interface ObjectStorage {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly region: string;
  readonly part: Part;
}

export interface ObjectStorageOptions {
  /** versitygw */
  readonly program: string;
  readonly home: PartHome;
  readonly folder: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The one region that the server signs for; the Spaces front translates every region of DigitalOcean into it. */
const REGION = 'us-east-1';
const READY_WITHIN_MS = 15_000;
const ENDED_TOO_OFTEN = 2;

/**
 * A real S3 server that keeps its objects as files. Resolves when it listens; throws when it does not in 15 s.
 *
 * It keeps what it knows of an object in extended attributes. On a file system without them it writes files instead,
 * and then keeps no versions: together the two make an object unreadable once it was deleted.
 */
export async function startObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  const { folder, home } = options;
  try {
    return await listen(options, [`--versioning-dir=${makeFolder(folder, 'versions')}`]);
  } catch {
    home.log('the S3 server does not start with extended attributes: files take their place, and no versions are kept');
    return listen(options, [`--sidecar=${makeFolder(folder, 'attributes')}`]);
  }
}

async function listen(options: ObjectStorageOptions, metadata: readonly string[]): Promise<ObjectStorage> {
  const port = await freePort();
  const part = new Part(options.home, {
    name: 'versitygw',
    program: options.program,
    args: [
      `--port=127.0.0.1:${String(port)}`,
      `--region=${REGION}`,
      '--quiet',
      'posix',
      ...metadata,
      makeFolder(options.folder, 'buckets'),
    ],
    env: { ROOT_ACCESS_KEY: options.accessKey, ROOT_SECRET_KEY: options.secretKey },
  });
  part.start();
  try {
    await waitFor('the S3 server does not answer; see its log', READY_WITHIN_MS, async () => {
      if (part.status().restarts >= ENDED_TOO_OFTEN)
        throw new GaveUp('the S3 server ends as soon as it starts; see its log');
      return listens(port);
    });
  } catch (error) {
    await part.stop();
    throw error;
  }
  return { endpoint: `http://127.0.0.1:${String(port)}`, region: REGION, part };
}

function makeFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function listens(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}
