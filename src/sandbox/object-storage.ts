import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Part, type PartHome } from './processes/part.ts';
import { freePort } from './processes/ports.ts';
import { waitFor } from './processes/wait.ts';

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

/** A real S3 server that keeps its objects as files. Resolves when it listens; throws when it does not in 15 s. */
export async function startObjectStorage(options: ObjectStorageOptions): Promise<ObjectStorage> {
  const folders = Object.fromEntries(
    ['buckets', 'attributes', 'versions'].map((name) => [name, join(options.folder, name)]),
  ) as Record<'buckets' | 'attributes' | 'versions', string>;
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const part = new Part(options.home, {
    name: 'versitygw',
    program: options.program,
    args: [
      `--port=127.0.0.1:${String(port)}`,
      `--region=${REGION}`,
      '--quiet',
      'posix',
      // Attributes in files of their own: not every file system under a temporary folder keeps extended ones.
      `--sidecar=${folders.attributes}`,
      `--versioning-dir=${folders.versions}`,
      folders.buckets,
    ],
    env: { ROOT_ACCESS_KEY: options.accessKey, ROOT_SECRET_KEY: options.secretKey },
  });
  part.start();
  await waitFor('the S3 server does not answer; see its log', READY_WITHIN_MS, () => listens(port));
  return { endpoint: `http://127.0.0.1:${String(port)}`, region: REGION, part };
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
