/** Who asks Spaces, and whether they may. */
import type { SpacesKey } from '../documents.ts';
import type { Store } from '../store.ts';
import { accessDenied, SpacesError, type SpacesRequest } from './exchange.ts';
import { expectedSignature, givenSignature, type Credentials, type GivenSignature } from './signature.ts';

/** `clientKey` is the account's own; the store has those made through the API. Throws SpacesError when they may not. */
export function checkAccess({ signed, address }: SpacesRequest, clientKey: Credentials, store: Store): GivenSignature {
  const given = givenSignature(signed);
  if (given === undefined) throw accessDenied();
  const made = store.get('spaces_key', given.accessKey);
  const secret = given.accessKey === clientKey.accessKey ? clientKey.secretKey : made?.secret_key;
  if (secret === undefined) {
    throw new SpacesError(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.');
  }
  if (expectedSignature(signed, given, secret) !== given.signature) {
    throw new SpacesError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  if (made !== undefined && !isGranted(made, address.bucket, signed.method)) throw accessDenied();
  return given;
}

function isGranted({ grants }: SpacesKey, bucket: string, method: string): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return grants.some(
    (grant) =>
      grant.permission === 'fullaccess' ||
      (grant.bucket === bucket && (grant.permission === 'readwrite' || (reads && grant.permission === 'read'))),
  );
}
