/** The few S3 requests that ffops makes itself: does a bucket exist, make it, keep versions, are writes conditional. */
import { FailedError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpRequest, HttpResponse, Network } from '../ports/network.ts';
import { signed, type Credentials } from './signature.ts';

export interface StorageDeps {
  readonly network: Network;
  readonly clock: Clock;
}

export interface StorageAccess {
  /** `https://fra1.digitaloceanspaces.com`; buckets are the first part of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export type BucketState = 'ours' | 'foreign' | 'missing';

export interface ObjectStorage {
  /** `foreign`: the name is taken by another account. */
  bucket(name: string): Promise<BucketState>;
  createBucket(name: string): Promise<void>;
  /** Whether strangers can read or list it. */
  isPublic(name: string): Promise<boolean>;
  keepVersions(name: string): Promise<void>;
  keepsVersions(name: string): Promise<boolean>;
  /** Undefined when there is no such object. */
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** False when `onlyIfAbsent` and the object is there: what locks are made of. */
  put(bucket: string, key: string, body: string, onlyIfAbsent: boolean): Promise<boolean>;
  remove(bucket: string, key: string): Promise<void>;
  /** Undefined when there is no such bucket. */
  list(bucket: string, prefix: string): Promise<readonly ListedObject[] | undefined>;
}

export interface ListedObject {
  readonly key: string;
  /** Another one whenever the object is written. */
  readonly version: string;
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;

/** Every method throws FailedError when the store refuses or does not answer. */
export function objectStorage({ network, clock }: StorageDeps, access: StorageAccess): ObjectStorage {
  async function send(
    method: HttpRequest['method'],
    path: string,
    body = '',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpResponse> {
    const url = new URL(path, access.endpoint).href;
    const scope = { region: access.region, service: 's3', at: clock.now() };
    const all = Object.entries(signed({ method, url, headers, body }, access.credentials, scope)).map(
      ([name, value]): [string, string | Secret] => [name, name === 'authorization' ? new Secret(value) : value],
    );
    return network.request({ method, url, headers: Object.fromEntries(all), ...(body === '' ? {} : { body }) });
  }

  function refused(what: string, response: HttpResponse): FailedError {
    const code = /<Code>([^<]+)<\/Code>/.exec(Buffer.from(response.body).toString())?.[1];
    const forbidden = response.status === 403;
    return new FailedError('storage.refused', {
      message: `${new URL(access.endpoint).host} did not ${what}: ${code ?? `status ${response.status}`}.`,
      hints: forbidden ? ['The Spaces key may be wrong, or limited to other buckets.'] : [],
    });
  }

  function element(text: string, name: string): string | undefined {
    const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    return content?.replace(/&(amp|lt|gt|quot|apos);|&#(\d+);/g, (_, entity: string | undefined, code: string) =>
      entity === undefined ? String.fromCodePoint(Number(code)) : entities[entity as keyof typeof entities],
    );
  }

  async function expect(what: string, response: Promise<HttpResponse>): Promise<HttpResponse> {
    const answer = await response;
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refused(what, answer);
  }

  return {
    bucket: async (name) => {
      const answer = await send('HEAD', `/${name}`);
      if (answer.status === 404) return 'missing';
      if (answer.status === 403) return 'foreign';
      if (answer.status >= 200 && answer.status < 400) return 'ours';
      throw refused(`say whether the bucket ${name} exists`, answer);
    },
    createBucket: async (name) => {
      await expect(`make the bucket ${name}`, send('PUT', `/${name}`, '', { 'x-amz-acl': 'private' }));
    },
    isPublic: async (name) => {
      const answer = await expect(`say who may read ${name}`, send('GET', `/${name}?acl=`));
      // Grants to everybody, and to everybody with an account somewhere, are made to groups.
      return /\/groups\/global\/(AllUsers|AuthenticatedUsers)</.test(Buffer.from(answer.body).toString());
    },
    keepVersions: async (name) => {
      const body =
        '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
      await expect(`keep versions in ${name}`, send('PUT', `/${name}?versioning=`, body));
    },
    keepsVersions: async (name) => {
      const answer = await expect(`say whether ${name} keeps versions`, send('GET', `/${name}?versioning=`));
      return /<Status>Enabled<\/Status>/.test(Buffer.from(answer.body).toString());
    },
    get: async (bucket, key) => {
      const answer = await send('GET', `/${bucket}/${key}`);
      if (answer.status === 404) return undefined;
      if (answer.status === 200) return answer.body;
      throw refused(`give ${key}`, answer);
    },
    put: async (bucket, key, body, onlyIfAbsent) => {
      const answer = await send('PUT', `/${bucket}/${key}`, body, onlyIfAbsent ? { 'if-none-match': '*' } : {});
      if (onlyIfAbsent && answer.status === 412) return false;
      if (answer.status === 200) return true;
      throw refused(`take ${key}`, answer);
    },
    remove: async (bucket, key) => {
      await expect(`remove ${key}`, send('DELETE', `/${bucket}/${key}`));
    },
    list: async (bucket, prefix) => {
      const found: ListedObject[] = [];
      let from: string | undefined = '';
      while (from !== undefined) {
        const query = new URLSearchParams({
          'list-type': '2',
          prefix,
          ...(from === '' ? {} : { 'continuation-token': from }),
        });
        const answer = await send('GET', `/${bucket}?${query.toString()}`);
        if (answer.status === 404) return undefined;
        if (answer.status !== 200) throw refused(`list ${bucket}`, answer);
        const text = Buffer.from(answer.body).toString();
        for (const [, object = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          found.push({ key: element(object, 'Key') ?? '', version: element(object, 'ETag') ?? '' });
        }
        from = element(text, 'NextContinuationToken');
      }
      return found;
    },
  };
}
