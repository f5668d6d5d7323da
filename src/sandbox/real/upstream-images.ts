import { createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { identify } from '../processes/proc.ts';
import { blobPath } from './image.ts';
import { BLOB_TYPE, type ImageFile, type ImageSource } from './image-source.ts';
import { ImageTrouble } from './image-trouble.ts';
import { unreachable, type RegistryClient, type Repository } from './registry-client.ts';

export interface UpstreamImage {
  /** Whole, as manifests name it. */
  readonly name: string;
  /** Of its manifest, or of its list of manifests by platform. */
  readonly digest?: string;
  /** Why it could not be had when it was last asked for. */
  readonly trouble?: string;
}

export interface UpstreamImages extends ImageSource {
  /** Those that were asked for. */
  list(): readonly UpstreamImage[];
}

export interface UpstreamOptions {
  readonly client: RegistryClient;
  /** Outlives workspaces; several sandboxes may use it at once. */
  readonly folder: string;
  readonly report: (message: string) => void;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** What the specification lets a registry refuse, and more than any manifest has. */
const MANIFEST_LIMIT = 4 * 2 ** 20;
/** A transfer that breaks off goes on where it was, this often in a row. */
const ATTEMPTS = 4;
const PAUSE_MS = 500;
const SILENT_FOR_MS = 30_000;

const manifestShape = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  /** One for each platform, in a list of them. */
  manifests: z.array(z.object({ digest: z.string() })).optional(),
});
const tagNote = z.object({ digest: z.string() });

/**
 * Images as their registries have them, each part kept under its digest once it was checked against it. What a tag means
 * is asked anew each time, and what it meant before is used while its registry cannot be reached.
 */
export function upstreamImages({ client, folder, report }: UpstreamOptions): UpstreamImages {
  const asked = new Map<string, UpstreamImage>();
  /** Digests that lists have by platform: nobody asked for them by name. */
  const listed = new Set<string>();
  /** One transfer of a part, however many nodes wait for it. */
  const underWay = new Map<string, Promise<unknown>>();
  for (const name of ['sha256', 'tags', 'partial']) mkdirSync(join(folder, name), { recursive: true });

  async function manifest(repository: Repository, reference: string): Promise<ImageFile> {
    const name = nameOf(repository, reference);
    return told(name, async () => {
      const digest = DIGEST.test(reference) ? reference : await meaningOf(repository, reference);
      await once(digest, () => fetchManifest(repository, digest, digest));
      const { type, manifests } = read(readFileSync(blobPath(folder, digest)), name);
      for (const one of manifests) listed.add(one);
      if (listed.has(reference)) asked.delete(name);
      else asked.set(name, { name, digest });
      return { path: blobPath(folder, digest), digest, type };
    });
  }

  async function blob(repository: Repository, digest: string): Promise<ImageFile | undefined> {
    if (!DIGEST.test(digest)) return undefined;
    const name = nameOf(repository, digest);
    return told(name, async () => {
      await once(digest, () => fetchBlob(repository, digest));
      asked.delete(name);
      return { path: blobPath(folder, digest), digest, type: BLOB_TYPE };
    });
  }

  async function told<T>(name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const trouble = (error as Error).message;
      report(`${name}: ${trouble}`);
      asked.set(name, { name, trouble });
      throw error;
    }
  }

  function once(digest: string, bring: () => Promise<unknown>): Promise<unknown> {
    if (existsSync(blobPath(folder, digest))) return Promise.resolve();
    const known = underWay.get(digest);
    if (known !== undefined) return known;
    const bringing = bring().finally(() => underWay.delete(digest));
    underWay.set(digest, bringing);
    return bringing;
  }

  /** The digest of a tag. */
  async function meaningOf(repository: Repository, tag: string): Promise<string> {
    const note = join(folder, 'tags', createHash('sha256').update(nameOf(repository, tag)).digest('hex'));
    try {
      const { headers } = await client.ask('HEAD', repository, `manifests/${tag}`);
      const said = headers.get('docker-content-digest') ?? '';
      // Some answer without it; then it is what their answer is.
      const digest = DIGEST.test(said) ? said : await fetchManifest(repository, tag);
      write(note, JSON.stringify({ digest }));
      return digest;
    } catch (error) {
      if (!(error instanceof ImageTrouble && error.passes && existsSync(note))) throw error;
      report(`${nameOf(repository, tag)}: ${error.message}; what it was before is used`);
      return tagNote.parse(JSON.parse(readFileSync(note, 'utf8'))).digest;
    }
  }

  /** Returns its digest. */
  async function fetchManifest(repository: Repository, reference: string, expected?: string): Promise<string> {
    const response = await client.ask('GET', repository, `manifests/${reference}`);
    const name = nameOf(repository, reference);
    const content = await wholeOf(response, name);
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (expected !== undefined && digest !== expected) throw altered(name, expected, digest);
    read(content, name);
    write(blobPath(folder, digest), content);
    return digest;
  }

  async function fetchBlob(repository: Repository, digest: string): Promise<void> {
    const partial = adopt(digest);
    for (let attempt = 1; ; attempt += 1) {
      const before = sizeOf(partial);
      try {
        const found = await receive(repository, digest, partial);
        if (found === digest) return renameSync(partial, blobPath(folder, digest));
        rmSync(partial);
        // What an earlier transfer left may be to blame.
        if (before === 0) throw altered(nameOf(repository, digest), digest, found);
      } catch (error) {
        if (!(error instanceof ImageTrouble)) throw error;
        // As it answers when nothing is missing any more.
        const startsAnew = error.kind === 'refused' && before > 0;
        if (startsAnew) rmSync(partial);
        else if (error.kind !== 'unreachable' || attempt >= ATTEMPTS) throw error;
        if (sizeOf(partial) > before) attempt = 0;
        await sleep(PAUSE_MS * 2 ** attempt);
      }
    }
  }

  /** Adds what is missing of it, and returns the digest of the whole. */
  async function receive(repository: Repository, digest: string, partial: string): Promise<string> {
    const have = sizeOf(partial);
    const response = await client.ask('GET', repository, `blobs/${digest}`, have);
    const goesOn =
      response.status === 206 && (response.headers.get('content-range') ?? '').startsWith(`bytes ${String(have)}-`);
    const hash = createHash('sha256');
    if (goesOn) await addTo(hash, partial);
    async function* hashed(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(response, repository.registry)) {
        hash.update(piece);
        yield piece;
      }
    }
    await pipeline(hashed, createWriteStream(partial, { flags: goesOn ? 'a' : 'w' }));
    return `sha256:${hash.digest('hex')}`;
  }

  /** The file that a part grows in: of this process alone, and where it can be, one that a process which is gone has left. */
  function adopt(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    const partials = join(folder, 'partial');
    const own = join(partials, `${hex}.${String(process.pid)}`);
    for (const name of readdirSync(partials)) {
      const [of, pid] = name.split('.');
      if (of !== hex || identify(Number(pid)) !== undefined || existsSync(own)) continue;
      try {
        renameSync(join(partials, name), own);
      } catch {
        // Somebody else was faster.
      }
    }
    return own;
  }

  return { manifest, blob, list: () => [...asked.values()] };
}

function nameOf({ registry, name }: Repository, reference: string): string {
  return `${registry}/${name}${DIGEST.test(reference) ? '@' : ':'}${reference}`;
}

/** Throws ImageTrouble when it is no manifest that anybody reads today. */
function read(content: Uint8Array, name: string): { readonly type: string; readonly manifests: readonly string[] } {
  const { data } = manifestShape.safeParse(parsed(content));
  if (data === undefined)
    throw new ImageTrouble('refused', `what the registry has for ${name} is no image that a node can run`);
  const kind = data.manifests === undefined ? 'manifest' : 'index';
  return {
    type: data.mediaType ?? `application/vnd.oci.image.${kind}.v1+json`,
    manifests: data.manifests?.map(({ digest }) => digest) ?? [],
  };
}

function parsed(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    return undefined;
  }
}

function altered(name: string, expected: string, found: string): ImageTrouble {
  return new ImageTrouble(
    'altered',
    `${name} came as ${found} instead of ${expected}: something between here and there alters downloads (a proxy, a mirror), nothing of it was kept`,
  );
}

async function wholeOf(response: Response, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces(response, name)) {
    size += piece.length;
    if (size > MANIFEST_LIMIT)
      throw new ImageTrouble('refused', `what the registry has for ${name} is too large for a manifest`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

/** Throws ImageTrouble when it breaks off, or nothing comes for a while. */
async function* pieces(response: Response, from: string): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const silence = new AbortController();
      const next = await Promise.race([
        reader.read(),
        sleep(SILENT_FOR_MS, undefined, { signal: silence.signal, ref: false }).then(() => {
          throw new Error('it stopped in the middle');
        }),
      ]).finally(() => silence.abort());
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw error instanceof ImageTrouble ? error : unreachable(from, error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function addTo(hash: Hash, path: string): Promise<void> {
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(piece);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Whole or not at all. */
function write(path: string, content: string | Uint8Array): void {
  const fresh = `${path}.${String(process.pid)}`;
  writeFileSync(fresh, content);
  renameSync(fresh, path);
}
