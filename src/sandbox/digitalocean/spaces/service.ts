/** What Spaces does: it answers what the server behind does not know (regions, lifecycle rules) and hands on the rest. */
import { findRegion } from '../catalogue.ts';
import type { Bucket } from '../documents.ts';
import type { Store } from '../store.ts';
import { timestamp } from '../world.ts';
import { checkAccess } from './access.ts';
import type { SpacesAddress } from './address.ts';
import {
  discard,
  empty,
  noSuchBucket,
  SpacesError,
  textOf,
  xml,
  type SpacesAnswer,
  type SpacesRequest,
} from './exchange.ts';
import type { ServerBehind } from './server-behind.ts';
import { sha256, type Credentials } from './signature.ts';
import { bucketsXml, locationXml, wantedLocation } from './xml.ts';

/** Spaces' own default, as the provider has it. */
const fallbackRegion = 'nyc3';

export class SpacesService {
  readonly #store: Store;
  readonly #behind: ServerBehind;
  readonly #clientKey: Credentials;
  /** Objects that someone is creating only if there is none, one after the other. */
  readonly #creating = new Map<string, Promise<unknown>>();

  constructor(store: Store, behind: ServerBehind, clientKey: Credentials) {
    this.#store = store;
    this.#behind = behind;
    this.#clientKey = clientKey;
  }

  /** Throws SpacesError for every refusal. */
  async serve(request: SpacesRequest): Promise<SpacesAnswer> {
    const { address, signed } = request;
    const { accessKey, region } = checkAccess(request, this.#clientKey, this.#store);
    const { method, query } = signed;
    if (address.bucket === '' && method === 'GET') return xml(bucketsXml(accessKey, this.#bucketsIn(address.region)));
    if (address.bucket !== '' && address.key === '') {
      if (query.has('location') && method === 'GET') return xml(locationXml(this.#bucket(address).region));
      if (query.has('lifecycle')) return this.#lifecycle(request);
      if (method === 'PUT' && query.size === 0) return this.#createBucket(request, region);
      if (method === 'DELETE' && query.size === 0) return this.#deleteBucket(request);
    }
    if (method === 'PUT' && signed.headers['if-none-match'] === '*') return this.#createObject(request);
    return this.#handOn(request);
  }

  #handOn(request: SpacesRequest, headers = request.signed.headers): Promise<SpacesAnswer> {
    const { address, signed, body } = request;
    return this.#behind.ask({ address, method: signed.method, query: signed.query, headers, body });
  }

  #bucketsIn(region: string | undefined): readonly Bucket[] {
    return this.#store.list('bucket').filter((bucket) => region === undefined || bucket.region === region);
  }

  #bucket(address: SpacesAddress): Bucket {
    const bucket = this.#store.get('bucket', address.bucket);
    if (bucket === undefined) throw noSuchBucket();
    return bucket;
  }

  async #createBucket({ address, signed, body }: SpacesRequest, signedRegion: string): Promise<SpacesAnswer> {
    const asked = wantedLocation(await textOf(body)) ?? address.region ?? signedRegion;
    const region = findRegion(asked)?.slug ?? fallbackRegion;
    // The server behind has one region only, and ACLs only where they are asked for.
    const headers = {
      ...signed.headers,
      'x-amz-content-sha256': sha256(''),
      'x-amz-object-ownership': 'BucketOwnerPreferred',
      'content-length': '0',
    };
    const answer = await this.#behind.ask({ address, method: 'PUT', query: signed.query, headers, body: undefined });
    if (answer.status === 200) {
      const bucket: Bucket = { name: address.bucket, region, created_at: timestamp() };
      this.#store.write((change) => change.put('bucket', bucket.name, bucket));
    }
    return answer;
  }

  async #deleteBucket(request: SpacesRequest): Promise<SpacesAnswer> {
    const answer = await this.#handOn(request);
    if (answer.status === 204 || answer.status === 404) {
      this.#store.write((change) => {
        change.remove('bucket', request.address.bucket);
        change.remove('assignment', `do:space:${request.address.bucket}`);
      });
    }
    return answer;
  }

  /** Kept and answered; nothing expires in a sandbox. */
  async #lifecycle({ address, signed, body }: SpacesRequest): Promise<SpacesAnswer> {
    const bucket = this.#bucket(address);
    const { lifecycle, ...bare } = bucket;
    switch (signed.method) {
      case 'GET':
        if (lifecycle !== undefined) return xml(lifecycle);
        throw new SpacesError(404, 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
      case 'PUT': {
        const rules = await textOf(body);
        this.#store.write((change) => change.put('bucket', bucket.name, { ...bare, lifecycle: rules }));
        return empty(200);
      }
      case 'DELETE':
        this.#store.write((change) => change.put('bucket', bucket.name, bare));
        return empty(204);
      default:
        throw new SpacesError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
    }
  }

  /**
   * The server behind takes an object that was deleted from a versioned bucket for one that exists, and a lock on
   * OpenTofu's state could be taken only once. So the condition is checked here, one request at a time for each object.
   */
  async #createObject(request: SpacesRequest): Promise<SpacesAnswer> {
    const name = `${request.address.bucket}/${request.address.key}`;
    const before = this.#creating.get(name) ?? Promise.resolve();
    const mine = before.then(() => this.#createAbsentObject(request));
    const over = mine.catch(() => undefined);
    this.#creating.set(name, over);
    try {
      return await mine;
    } finally {
      if (this.#creating.get(name) === over) this.#creating.delete(name);
    }
  }

  async #createAbsentObject(request: SpacesRequest): Promise<SpacesAnswer> {
    const found = await this.#behind.ask({
      address: request.address,
      method: 'HEAD',
      query: new URLSearchParams(),
      headers: { 'x-amz-content-sha256': sha256('') },
      body: undefined,
    });
    await discard(found);
    if (found.status === 200) {
      throw new SpacesError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    const { 'if-none-match': _, ...headers } = request.signed.headers;
    return this.#handOn(request, headers);
  }
}
