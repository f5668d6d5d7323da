/** The manifest of a dump, as charts/dumps writes it: the last object of a whole one, and proof that it is whole. */
import { z } from 'zod';

const databaseSchema = z.looseObject({
  name: z.string(),
  /** `001.dump.zst` */
  file: z.string().regex(/^\d{3}\.dump\.zst$/),
  /** Compressed, before encryption. */
  bytes: z.number(),
  sha256: z.string(),
  /** In the server: what a restore needs at least, twice while the old one is still there. */
  size: z.number(),
  /** Rows of each table at the moment of the dump. */
  tables: z.record(z.string(), z.number()),
  largeObjects: z.number().optional(),
});

const manifestSchema = z.looseObject({
  schema: z.literal('ffops.dump/v1'),
  engine: z.enum(['postgres', 'mariadb']),
  version: z.string(),
  /** `<workspace>-<environment>` */
  environment: z.string(),
  id: z.string(),
  began: z.string(),
  ended: z.string(),
  databases: z.array(databaseSchema),
});

export type DumpManifest = z.infer<typeof manifestSchema>;
export type DumpedDatabase = z.infer<typeof databaseSchema>;

/** How the database itself is made, next to its content. */
export function makingOf({ file }: DumpedDatabase): string {
  return file.replace('.dump.', '.sql.');
}

/** What a restore fetches beside the content of databases. */
export function filesBeside({ databases }: Pick<DumpManifest, 'databases'>): readonly string[] {
  return ['globals.sql.zst', 'SHA256SUMS', ...databases.map(makingOf)];
}

export type ReadManifest =
  | { readonly kind: 'whole'; readonly manifest: DumpManifest }
  /** By a newer ffops, or not a manifest at all. */
  | { readonly kind: 'unreadable'; readonly schema: string };

/** One document a line, in any order. */
export function readManifests(text: string): readonly ReadManifest[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): ReadManifest => {
      const document = parsed(line);
      const read = manifestSchema.safeParse(document);
      if (read.success) return { kind: 'whole', manifest: read.data };
      const schema = z.looseObject({ schema: z.string() }).safeParse(document);
      return { kind: 'unreadable', schema: schema.success ? schema.data.schema : 'nothing that ffops knows' };
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const idPattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** `20261128T030000Z` as a moment. Undefined for anything else. */
export function momentOf(id: string): Date | undefined {
  const match = idPattern.exec(id);
  return match === null ? undefined : new Date(id.replace(idPattern, '$1-$2-$3T$4:$5:$6Z'));
}

export function idOf(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** How much of a version a server must not be older in: PostgreSQL reads every dump of its own major version. */
const significantParts = { postgres: 1, mariadb: 2 } as const;

/** Whether a server of the other version could not read it: dumps go forward, never back. */
export function isNewer(engine: DumpManifest['engine'], version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let index = 0; index < significantParts[engine]; index++) {
    const [one, other] = [a?.[index], b?.[index]];
    // A tag such as `11` does not say more.
    if (one === undefined || other === undefined) return false;
    if (one !== other) return one > other;
  }
  return false;
}
