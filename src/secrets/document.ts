/** The encrypted file as anyone can read it: names and recipients are in clear, values are not. */
import { load, YAMLException } from 'js-yaml';
import { z } from 'zod';
import { UserError } from '../errors.ts';

export interface EncryptedDocument {
  readonly names: readonly string[];
  /** Public halves of the identities that open it. */
  readonly recipients: readonly string[];
  /** When sops last wrote it. */
  readonly changedAt: string | undefined;
}

const schema = z.looseObject({
  sops: z.looseObject({
    age: z.array(z.looseObject({ recipient: z.string() })).nullish(),
    lastmodified: z.string().optional(),
  }),
});

/**
 * Throws UserError when it is no YAML, or when it was never encrypted. Lines are told in words: a problem with a place
 * would show the line, and a value with it.
 */
export function readEncrypted(text: string, file: string): EncryptedDocument {
  refuseConflict(text, file);
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new UserError('secrets.unreadable', {
      message: `${file} is not valid YAML${lineOf(error)}.`,
      hints: [`Take the last good version back: \`git checkout -- ${file}\`.`],
    });
  }
  const parsed = schema.safeParse(document);
  if (!parsed.success && text.includes(': ENC[')) {
    throw new UserError('secrets.damaged', {
      message: `${file} is cut short: its sops block is missing.`,
      hints: [`Take the last good version back: \`git checkout -- ${file}\`.`],
    });
  }
  if (!parsed.success) {
    throw new UserError('secrets.notEncrypted', {
      message: `${file} is not encrypted: it has no sops block.`,
      hints: [
        `Encrypt it in place with \`sops encrypt -i ${file}\`.`,
        'If it was ever pushed, its values are public: replace them where they come from.',
      ],
    });
  }
  const { sops, ...values } = parsed.data;
  return {
    names: Object.keys(values).sort(),
    recipients: (sops.age ?? []).map((entry) => entry.recipient),
    changedAt: sops.lastmodified,
  };
}

/** Two people changed secrets at once; sops cannot merge its own checksum. */
function refuseConflict(text: string, file: string): void {
  const line = text.split('\n').findIndex((candidate) => candidate.startsWith('<<<<<<< '));
  if (line === -1) return;
  throw new UserError('secrets.conflict', {
    message: `${file} has a merge conflict in line ${line + 1}.`,
    hints: [`Take one side whole (\`git checkout --ours -- ${file}\`), then set again what the other side changed.`],
  });
}

function lineOf({ mark }: YAMLException): string {
  return mark === undefined || mark === null ? '' : ` (line ${mark.line + 1})`;
}
