import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export interface DomainFlaw {
  readonly message: string;
  readonly hints: readonly string[];
}

/**
 * Why a text cannot be the root domain, or undefined. `served` is true when the world must reach it: DNS and Let's
 * Encrypt know public top-level domains only, while `fullfrontend.kube` is fine on a laptop.
 */
export async function rootDomainFlaw(text: string, served: boolean): Promise<DomainFlaw | undefined> {
  const cleaned = cleanedDomain(text);
  if (cleaned !== text) {
    const hints = looksLikeDomain(cleaned) ? [`Write \`${cleaned}\`.`] : ['Write a domain such as `example.com`.'];
    return { message: `\`rootDomain\` must be a bare domain in lower case; found "${text}".`, hints };
  }
  if (isIP(text) !== 0)
    return {
      message: `\`rootDomain\` must be a domain; found the address ${text}.`,
      hints: ['Apps get host names below it, which an address cannot have.'],
    };
  const long = tooLong(text);
  if (long !== undefined)
    return { message: `\`rootDomain\` is too long for DNS: ${long}.`, hints: ['Use a shorter domain.'] };
  if (!looksLikeDomain(text))
    return {
      message: `\`rootDomain\` must be a domain; found "${text}".`,
      hints: ['Write a domain of yours, such as `example.com`, or `example.kube` on a laptop.'],
    };

  const { parse } = await import('tldts');
  const parsed = parse(text, { allowPrivateDomains: true });
  const listed = parsed.isIcann === true || parsed.isPrivate === true;
  if (listed && parsed.publicSuffix === text) {
    return {
      message: `\`rootDomain\` must be a domain of yours; \`${text}\` is a public suffix, under which anybody can register.`,
      hints: [`Write a domain below it, such as \`example.${text}\`.`],
    };
  }
  if (served && !listed) {
    const top = text.slice(text.lastIndexOf('.') + 1);
    return {
      message: `\`rootDomain\` cannot be served: \`.${top}\` is not a public top-level domain.`,
      hints: ['Use a registered domain here; made-up ones work on `local` only.'],
    };
  }
  return undefined;
}

function cleanedDomain(text: string): string {
  const host = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  return domainToASCII(host) || host.toLowerCase();
}

function tooLong(text: string): string | undefined {
  if (text.length > 253) return `${text.length} characters, where a name has at most 253`;
  const label = text.split('.').find((part) => part.length > 63);
  return label === undefined ? undefined : `${label.length} characters between two dots, where at most 63 fit`;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function looksLikeDomain(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) as string)
  );
}
