import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { shorten } from './document.ts';

export interface DomainFlaw {
  readonly message: string;
  readonly hints: readonly string[];
}

/**
 * Why a text cannot be the root domain, or undefined. `served` is true when the world must reach it: DNS and Let's
 * Encrypt know public top-level domains only, while `fullfrontend.kube` is fine on a laptop.
 */
export async function rootDomainFlaw(text: string, served: boolean): Promise<DomainFlaw | undefined> {
  return flawOfSpelling(text) ?? (await flawOfSuffix(text, served));
}

function flawOfSpelling(text: string): DomainFlaw | undefined {
  const found = `found "${shorten(text)}"`;
  const bare = bareDomain(text);
  if (bare !== text) {
    const hint = isDomain(bare) ? `Write \`${bare}\`.` : 'Write a domain such as `example.com`.';
    return flaw(`\`rootDomain\` must be a bare domain in lower case; ${found}.`, hint);
  }
  if (isIP(text) !== 0) {
    return flaw(
      `\`rootDomain\` must be a domain; ${found}.`,
      'An address has no names below it, and every app gets one.',
    );
  }
  const long = tooLong(text);
  if (long !== undefined) return flaw(`\`rootDomain\` is too long for DNS: ${long}.`, 'Use a shorter domain.');
  if (isDomain(text)) return undefined;
  return flaw(
    `\`rootDomain\` must be a domain; ${found}.`,
    'Write a domain of yours, such as `example.com`, or `example.kube` on a laptop.',
  );
}

async function flawOfSuffix(text: string, served: boolean): Promise<DomainFlaw | undefined> {
  const { parse } = await import('tldts');
  const parsed = parse(text, { allowPrivateDomains: true });
  const listed = parsed.isIcann === true || parsed.isPrivate === true;
  if (listed && parsed.publicSuffix === text) {
    return flaw(
      `\`rootDomain\` must be a domain of yours; \`${text}\` is a public suffix, under which anybody can register.`,
      `Write a domain below it, such as \`example.${text}\`.`,
    );
  }
  if (!served || listed) return undefined;
  const top = text.slice(text.lastIndexOf('.') + 1);
  return flaw(
    `\`rootDomain\` cannot be served: \`.${top}\` is not a public top-level domain.`,
    'Use a registered domain here; made-up ones work on `local` only.',
  );
}

function flaw(message: string, hint: string): DomainFlaw {
  return { message, hints: [hint] };
}

/** What is left of an address bar's text, in the letters that DNS knows. */
function bareDomain(text: string): string {
  const host = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  return domainToASCII(host) || host.toLowerCase();
}

/** 253 characters for a whole name, 63 between two dots; and a label must still fit in front. */
const MAX_LENGTH = 253 - 64;

function tooLong(text: string): string | undefined {
  if (text.length > MAX_LENGTH) {
    return `it has ${text.length} characters, and only ${MAX_LENGTH} leave room for a name below it`;
  }
  const label = text.split('.').find((part) => part.length > 63);
  return label === undefined ? undefined : `a part has ${label.length} characters, and at most 63 fit between two dots`;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function isDomain(text: string): boolean {
  const labels = text.split('.');
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) as string);
}
