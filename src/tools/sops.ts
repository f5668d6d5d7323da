/** sops: argv, exit codes and the shape of what it prints. Values go in by stdin and come out by stdout, never by argv. */
import { z } from 'zod';
import { Secret } from '../model/secret.ts';
import type { ToolCall } from './call.ts';

/** The identity that opens, and where sops looks for anything else. */
export interface SopsAccess {
  readonly ageKeyFile: string | undefined;
  /** An identity handed over by a pipeline, in place of the file. */
  readonly ageKey?: Secret;
  /** `.sops.yaml` */
  readonly configFile: string;
  /** Set in the sandbox, so that the user's own keys are never tried. */
  readonly home?: string;
}

/** It works on what lies here, in milliseconds; when it does not end, it waits for somebody. */
export const SOPS_SECONDS = 8;

function sops(access: SopsAccess, args: readonly string[]): ToolCall {
  return {
    args: ['--config', access.configFile, ...args],
    timeoutMs: SOPS_SECONDS * 1000,
    env: {
      SOPS_AGE_KEY_FILE: access.ageKeyFile,
      SOPS_AGE_KEY: access.ageKey,
      ...(access.home === undefined ? {} : { HOME: access.home, XDG_CONFIG_HOME: access.home }),
    },
  };
}

export function decrypt(access: SopsAccess, file: string): ToolCall {
  return sops(access, ['decrypt', '--output-type', 'json', file]);
}

/** Prints the encrypted document; `file` only chooses the rule in `.sops.yaml` and the format. */
export function encrypt(access: SopsAccess, file: string, document: Secret): ToolCall {
  return { ...sops(access, ['encrypt', '--filename-override', file]), stdin: document };
}

/** Changes one value in place and leaves the others' ciphertext alone, so that reviews show what changed. */
export function setValue(access: SopsAccess, file: string, name: string, value: Secret): ToolCall {
  return {
    ...sops(access, ['set', '--value-stdin', file, `["${name}"]`]),
    stdin: new Secret(JSON.stringify(value.reveal())),
  };
}

/** In place: the same values, for the recipients of the rule in `access.configFile`. */
export function updateKeys(access: SopsAccess, file: string): ToolCall {
  return sops(access, ['updatekeys', '--yes', file]);
}

/** Prints the document encrypted anew with a key that this recipient never had. */
export function withoutRecipient(access: SopsAccess, file: string, recipient: string): ToolCall {
  return sops(access, ['rotate', '--rm-age', recipient, file]);
}

/** A file of another kind than ours, whatever its name says. */
export function decryptAs(access: SopsAccess, file: string, type: 'binary' | 'dotenv' | 'json' | 'yaml'): ToolCall {
  const output = type === 'yaml' ? 'json' : type;
  return sops(access, ['decrypt', '--input-type', type === 'binary' ? 'json' : type, '--output-type', output, file]);
}

/** sops keeps the clear text in a file of its temporary folder while the editor is open. */
export function edit(access: SopsAccess, file: string, temporaryFolder: string | undefined): ToolCall {
  const { timeoutMs: _, ...call } = sops(access, ['edit', file]);
  return {
    ...call,
    env: { ...call.env, ...(temporaryFolder === undefined ? {} : { TMPDIR: temporaryFolder }) },
    interactive: true,
  };
}

/** What its exit codes mean, as far as a person can do something about them. */
export const SopsExit = {
  badValue: 25,
  macMismatch: 51,
  macNotFound: 52,
  noMatchingKey: 128,
  notModified: 200,
} as const;

const documentSchema = z.record(z.string(), z.unknown());

/** The decrypted document; every value that is text is wrapped before anything else can see it. */
export function parseDocument(stdout: string): ReadonlyMap<string, Secret | undefined> {
  const values = new Map<string, Secret | undefined>();
  for (const [name, value] of Object.entries(documentSchema.parse(JSON.parse(stdout)))) {
    values.set(name, typeof value === 'string' ? new Secret(value) : undefined);
  }
  return values;
}
