/** The bucket that keeps the state: private, versioned, and able to hold a lock. */
import { randomUUID } from 'node:crypto';
import { FailedError, UserError } from '../errors.ts';
import type { ObjectStorage } from './object-storage.ts';

export interface StateBucketReport {
  readonly bucket: string;
  readonly created: boolean;
  readonly versioned: boolean;
  /** A second `If-None-Match: *` write was refused, which OpenTofu's locks depend on. */
  readonly locks: boolean;
}

/** Makes what is missing and proves the rest. Throws UserError when the name is taken, FailedError when locks cannot work. */
export async function prepareStateBucket(storage: ObjectStorage, bucket: string): Promise<StateBucketReport> {
  const state = await storage.bucket(bucket);
  if (state === 'foreign') {
    throw new UserError('bucket.foreign', {
      message: `The bucket ${bucket} belongs to somebody else, or the Spaces key may not see it.`,
      hints: [
        'Choose another name: `state.bucket`.',
        'Or give ffops a key with full access: `ffops secrets set spaces.accessKey`.',
      ],
    });
  }
  if (state === 'missing') await storage.createBucket(bucket);
  if (await storage.isPublic(bucket)) {
    throw new UserError('bucket.public', {
      message: `Strangers can read the bucket ${bucket}, where the state is to be kept.`,
      hints: ['Make it private in the control panel, then run this again.', 'Or choose another name: `state.bucket`.'],
    });
  }
  if (!(await storage.keepsVersions(bucket))) await storage.keepVersions(bucket);
  const versioned = await storage.keepsVersions(bucket);
  await proveLocks(storage, bucket);
  return { bucket, created: state === 'missing', versioned, locks: true };
}

async function proveLocks(storage: ObjectStorage, bucket: string): Promise<void> {
  const key = `ffops-preflight-${randomUUID()}`;
  try {
    const first = await storage.put(bucket, key, 'one', true);
    const second = await storage.put(bucket, key, 'two', true);
    if (first && !second) return;
  } finally {
    await storage.remove(bucket, key);
  }
  throw new FailedError('bucket.noLocks', {
    message: `${bucket} let two writers create the same object: two people could apply at once.`,
    hints: ['Use a store that honours If-None-Match (Spaces does), or `state.backend: local`.'],
  });
}
