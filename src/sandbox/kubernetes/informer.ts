import { createInterface } from 'node:readline';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStatus, METADATA_EVENTS, METADATA_ONLY, type KubeClient } from './client.ts';
import { keyOf, type KubeObject } from './objects.ts';

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number };
}

interface ListAnswer<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

export interface InformerOptions {
  /** Such as `/api/v1/services`, without a query. */
  readonly path: string;
  /** Such as `fieldSelector=metadata.name=velero`. */
  readonly selector?: string;
  /** Only names, labels and annotations are kept. */
  readonly metadataOnly?: boolean;
}

type Listener<T> = (key: string, object: T | undefined) => void;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** The present objects of one kind, kept current by a watch; listeners hear of every change by key. */
export class Informer<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #options: InformerOptions;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<Listener<T>>();
  #listed = false;
  #stopped = false;
  #stream: IncomingMessage | undefined;
  #resourceVersion: string | undefined;

  constructor(client: KubeClient, options: InformerOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Calls back at once for what is known already; returns how to stop listening. */
  onChange(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    for (const [key, object] of this.#objects) listener(key, object);
    return () => this.#listeners.delete(listener);
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  all(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** Whether what it has is all that there was at one moment. */
  hasListed(): boolean {
    return this.#listed;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.destroy();
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#stopped) {
      try {
        if (this.#resourceVersion === undefined) await this.#list();
        await this.#watch();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (isStatus(error, 404, 410)) this.#resourceVersion = undefined;
        await sleep(pauseMs, undefined, { ref: false });
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async #list(): Promise<void> {
    const answer = await this.#client.get<ListAnswer<T>>(
      this.#url(''),
      this.#options.metadataOnly ? METADATA_ONLY : undefined,
    );
    const present = new Map(answer.items.map((object) => [keyOf(object), object]));
    for (const key of [...this.#objects.keys()]) if (!present.has(key)) this.#forget(key);
    for (const [key, object] of present) this.#learn(key, object);
    this.#resourceVersion = answer.metadata.resourceVersion;
    this.#listed = true;
  }

  async #watch(): Promise<void> {
    const since = this.#resourceVersion ?? '';
    this.#stream = await this.#client.stream(
      this.#url(`watch=1&allowWatchBookmarks=true&resourceVersion=${since}`),
      this.#options.metadataOnly ? METADATA_EVENTS : undefined,
    );
    // Stopped while the request was under way.
    if (this.#stopped) return void this.#stream.destroy();
    for await (const line of createInterface({ input: this.#stream })) {
      const event = JSON.parse(line) as WatchEvent<T>;
      if (event.type === 'ERROR') {
        this.#resourceVersion = undefined;
        return;
      }
      this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      if (event.type === 'BOOKMARK') continue;
      const key = keyOf(event.object);
      if (event.type === 'DELETED') this.#forget(key);
      else this.#learn(key, event.object);
    }
  }

  #learn(key: string, object: T): void {
    if (this.#objects.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener(key, object);
  }

  #forget(key: string): void {
    this.#objects.delete(key);
    for (const listener of this.#listeners) listener(key, undefined);
  }

  #url(query: string): string {
    const parts = [this.#options.selector, query].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? this.#options.path : `${this.#options.path}?${parts.join('&')}`;
  }
}
