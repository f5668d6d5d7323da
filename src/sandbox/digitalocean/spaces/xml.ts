/** The few XML documents that Spaces answers itself. */
import type { Bucket } from '../documents.ts';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function errorXml(code: string, message: string, bucket?: string): string {
  const name = bucket === undefined ? '' : `<BucketName>${escape(bucket)}</BucketName>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escape(message)}</Message>${name}</Error>`;
}

export function locationXml(region: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><LocationConstraint xmlns="${namespace}">${region}</LocationConstraint>`;
}

export function bucketsXml(owner: string, buckets: readonly Bucket[]): string {
  const entries = buckets.map(
    (bucket) => `<Bucket><Name>${escape(bucket.name)}</Name><CreationDate>${bucket.created_at}</CreationDate></Bucket>`,
  );
  const by = `<Owner><ID>${escape(owner)}</ID><DisplayName>${escape(owner)}</DisplayName></Owner>`;
  return `<?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult xmlns="${namespace}">${by}<Buckets>${entries.join('')}</Buckets></ListAllMyBucketsResult>`;
}

/** `<LocationConstraint>` of a CreateBucket body. */
export function wantedLocation(body: string): string | undefined {
  return /<LocationConstraint>([^<]+)<\/LocationConstraint>/.exec(body)?.[1];
}

function escape(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
