/** What becomes of the first packet of a connection under rules of nftables such as policies are made into. */
export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number;
}

type Hook = 'forward' | 'input' | 'output';
type Verdict = 'drop' | 'accept' | 'return' | undefined;

/** `original`: what the sender wrote as the destination, before a service's address became a pod's. */
export function passes(ruleset: string, hook: Hook, packet: Packet, original = packet.to): boolean {
  return walk(blocksOf(ruleset), `chain ${hook}`, packet, original) !== 'drop';
}

type Blocks = ReadonlyMap<string, readonly string[]>;

function blocksOf(ruleset: string): Blocks {
  const found = ruleset.matchAll(/^ {2}((?:chain|map|set) \S+) \{\n((?: {4}.*\n)*) {2}\}$/gm);
  return new Map([...found].map(([, head = '', body = '']) => [head, body.trim().split(/\n */)]));
}

function walk(blocks: Blocks, chain: string, packet: Packet, original: string): Verdict {
  for (const line of blocks.get(chain) ?? []) {
    if (line.startsWith('type ') || line.startsWith('ct state established')) continue;
    const verdict = judge(blocks, line, packet, original);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** Undefined when the rule does not fit, or the chain that it leads to has nothing to say. */
function judge(blocks: Blocks, line: string, packet: Packet, original: string): Verdict {
  let rest = line;
  const take = (pattern: RegExp): readonly string[] | undefined => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length).trimStart();
    return match?.slice(1);
  };
  while (rest !== '') {
    const addresses = { saddr: packet.from, daddr: packet.to };
    let found: readonly string[] | undefined;
    if (take(/^ip saddr \. ip daddr @selves/) !== undefined) {
      if (!elements(blocks, 'set selves').includes(`${packet.from} . ${packet.to}`)) return undefined;
    } else if ((found = take(/^ip (saddr|daddr) vmap @(\S+)/)) !== undefined) {
      const [side, map] = found as ['saddr' | 'daddr', string];
      const target = elements(blocks, `map ${map}`).find((one) => one.startsWith(`${addresses[side]} :`));
      if (target === undefined) return undefined;
      const verdict = walk(blocks, `chain ${target.split(' jump ')[1] ?? ''}`, packet, original);
      return verdict === 'return' ? undefined : verdict;
    } else if ((found = take(/^(ct original )?ip (saddr|daddr) (!= )?(\{ [^}]+ \}|\S+)/)) !== undefined) {
      const [before, side, not, range = ''] = found;
      const address = before === undefined ? addresses[side as 'saddr' | 'daddr'] : original;
      const ranges = range.replace(/[{} ]/g, '').split(',');
      if (ranges.some((one) => isWithin(address, one)) === (not !== undefined)) return undefined;
    } else if ((found = take(/^(tcp|udp|sctp) dport (\d+)(?:-(\d+))?/)) !== undefined) {
      const [protocol, first, last] = found;
      const isMeant = packet.port >= Number(first) && packet.port <= Number(last ?? first);
      if (packet.protocol !== protocol || !isMeant) return undefined;
    } else if ((found = take(/^ip protocol (\S+)/)) !== undefined) {
      if (packet.protocol !== found[0]) return undefined;
    } else if ((found = take(/^(accept|drop|return)$/)) !== undefined) return found[0] as Verdict;
    else throw new Error(`no such rule: ${rest}`);
  }
  throw new Error(`no verdict: ${line}`);
}

function elements(blocks: Blocks, head: string): readonly string[] {
  const line = blocks.get(head)?.find((one) => one.startsWith('elements')) ?? '';
  return line.replace(/^elements = \{ | \}$/g, '').split(', ');
}

function isWithin(address: string, range: string): boolean {
  const [network = '', bits = '32'] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(network) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
