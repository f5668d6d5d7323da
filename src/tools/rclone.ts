/** rclone: argv, and the remotes that its environment describes. No file of configuration is read or written. */
import { z } from 'zod';
import type { Secret } from '../model/secret.ts';
import type { ToolCall } from './call.ts';

export interface BucketAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
}

/** Below a prefix of a bucket, encrypted; `password` is what `obscured` printed. */
export interface EncryptedAccess extends BucketAccess {
  readonly prefix: string;
  readonly password: Secret;
}

/** rclone wants passwords scrambled, which hides nothing; this one comes in by stdin. */
export function obscure(password: Secret): ToolCall {
  return { args: ['obscure', '-'], stdin: password, env: { RCLONE_CONFIG: '/dev/null' } };
}

/** Prints what the matching objects below a folder hold, decrypted, one after the other. */
export function printAll(access: EncryptedAccess, folder: string, pattern: string): ToolCall {
  return encrypted(access, ['cat', `encrypted:${folder}`, '--include', pattern]);
}

/** Lists every object below a folder with its size once decrypted. */
export function listAll(access: EncryptedAccess, folder: string): ToolCall {
  return encrypted(access, [
    'lsjson',
    `encrypted:${folder}`,
    '--recursive',
    '--files-only',
    '--no-modtime',
    '--no-mimetype',
  ]);
}

/** Proves that the bucket is there and the key opens it. */
export function probeBucket(access: BucketAccess): ToolCall {
  return call(access, ['lsf', `bucket:${access.bucket}`, '--max-depth', '1']);
}

const listSchema = z.array(z.looseObject({ Path: z.string(), Size: z.number() }));

export interface StoredObject {
  readonly path: string;
  readonly bytes: number;
}

export function parseList(stdout: string): readonly StoredObject[] {
  return listSchema.parse(JSON.parse(stdout)).map(({ Path, Size }) => ({ path: Path, bytes: Size }));
}

/** Some of it could not be decrypted: another key, or damage. What could be is printed all the same. */
export function notOpened(stderr: string): boolean {
  return /encrypted file|decrypted block/i.test(stderr);
}

/** Exit code of rclone when a folder or a file is not there. */
export const NOT_FOUND = [3, 4];

function call(access: BucketAccess, args: readonly string[], more: ToolCall['env'] = {}): ToolCall {
  return {
    args: ['--retries', '2', '--low-level-retries', '3', '--contimeout', '15s', ...args],
    env: {
      RCLONE_CONFIG: '/dev/null',
      RCLONE_CONFIG_BUCKET_TYPE: 's3',
      RCLONE_CONFIG_BUCKET_PROVIDER: 'Other',
      RCLONE_CONFIG_BUCKET_ENDPOINT: access.endpoint,
      RCLONE_CONFIG_BUCKET_REGION: access.region,
      RCLONE_CONFIG_BUCKET_NO_CHECK_BUCKET: 'true',
      // Folders are asked about, never one file: looking for one first hides why a bucket is out of reach.
      RCLONE_CONFIG_BUCKET_NO_HEAD_OBJECT: 'true',
      RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID: access.accessKey,
      RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: access.secretKey,
      ...more,
    },
    timeoutMs: 120_000,
  };
}

function encrypted(access: EncryptedAccess, args: readonly string[]): ToolCall {
  return call(access, args, {
    RCLONE_CONFIG_ENCRYPTED_TYPE: 'crypt',
    RCLONE_CONFIG_ENCRYPTED_REMOTE: `bucket:${access.bucket}/${access.prefix}`,
    RCLONE_CONFIG_ENCRYPTED_FILENAME_ENCRYPTION: 'off',
    RCLONE_CONFIG_ENCRYPTED_DIRECTORY_NAME_ENCRYPTION: 'false',
    RCLONE_CONFIG_ENCRYPTED_SUFFIX: 'none',
    RCLONE_CONFIG_ENCRYPTED_PASSWORD: access.password,
  });
}
