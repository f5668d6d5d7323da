import type { Allowance, Block, Filter, Ports } from './policy.ts';

export interface PolicedNetwork {
  /** Where the API server and Spaces seem to be: outside the cluster. */
  readonly apiAddress: string;
  readonly podRange: string;
  readonly loadBalancerRange: string;
}

interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
}

const TABLE = 'table ip network-policies';

/**
 * The rules of nftables that let pass what the filters say, for one transaction of `nft -f` that replaces those before.
 * What comes from the nodes themselves passes, kubelets' probes among it; what they bring in through a load balancer comes
 * from outside.
 */
export function rulesetOf(filters: readonly Filter[], network: PolicedNetwork): string {
  const out = new Chains('out', (allowance) => allowed(allowance, 'daddr', network));
  const into = new Chains('into', (allowance) => allowed(allowance, 'saddr', network));
  const senders = filters.flatMap(({ address, egress }) =>
    egress === undefined ? [] : [`${address} : jump ${out.of(egress)}`],
  );
  const receivers = filters.flatMap(({ address, ingress }) =>
    ingress === undefined ? [] : [`${address} : jump ${into.of(ingress)}`],
  );
  // A pod that calls itself through its service.
  const selves = filters.map(({ address }) => `${address} . ${address}`);
  const known = 'ct state established,related accept';
  return [
    // Deleting wants that it exists.
    `add ${TABLE}`,
    `delete ${TABLE}`,
    `${TABLE} {`,
    ...[...out.all(), ...into.all()].flatMap(({ name, rules }) => block(`chain ${name}`, rules)),
    ...block('map senders', ['type ipv4_addr : verdict', ...elements(senders)]),
    ...block('map receivers', ['type ipv4_addr : verdict', ...elements(receivers)]),
    ...block('set selves', ['type ipv4_addr . ipv4_addr', ...elements(selves)]),
    ...block('chain forward', [
      'type filter hook forward priority filter;',
      known,
      'ip saddr . ip daddr @selves accept',
      'ip saddr vmap @senders',
      'ip daddr vmap @receivers',
    ]),
    ...block('chain input', [
      'type filter hook input priority filter;',
      known,
      `ip daddr ${network.apiAddress} ip saddr vmap @senders`,
    ]),
    ...block('chain output', [
      'type filter hook output priority filter;',
      known,
      `ct original ip daddr ${network.loadBalancerRange} ip daddr vmap @receivers`,
    ]),
    '}',
    '',
  ].join('\n');
}

/** Chains that return what may pass; pods of which the same is allowed share one. */
class Chains {
  readonly #prefix: string;
  readonly #rulesFor: (allowance: Allowance) => readonly string[];
  readonly #names = new Map<string, string>();

  constructor(prefix: string, rulesFor: (allowance: Allowance) => readonly string[]) {
    this.#prefix = prefix;
    this.#rulesFor = rulesFor;
  }

  of(allowances: readonly Allowance[]): string {
    const key = [...new Set(allowances.flatMap(this.#rulesFor)), 'drop'].join('\n');
    const name = this.#names.get(key) ?? `${this.#prefix}-${String(this.#names.size)}`;
    this.#names.set(key, name);
    return name;
  }

  all(): readonly Chain[] {
    return [...this.#names].map(([key, name]) => ({ name, rules: key.split('\n') }));
  }
}

function allowed(
  { peers, ports }: Allowance,
  side: 'saddr' | 'daddr',
  { podRange }: PolicedNetwork,
): readonly string[] {
  const who =
    peers === 'anyone'
      ? ['']
      : [
          ...(peers.pods.length === 0 ? [] : [`ip ${side} { ${[...peers.pods].sort().join(', ')} }`]),
          ...peers.blocks.flatMap((one) => blockMatch(one, side, podRange) ?? []),
        ];
  const which = ports === undefined ? [''] : ports.map(portMatch);
  return who.flatMap((from) => which.map((to) => [from, to, 'return'].filter((text) => text !== '').join(' ')));
}

/**
 * Addresses outside the cluster alone, as the network of DigitalOcean's clusters takes them. Those of IPv6 are nobody's in
 * here.
 */
function blockMatch({ cidr, except = [] }: Block, side: string, podRange: string): string | undefined {
  if (cidr.includes(':')) return undefined;
  return [
    ...(cidr.endsWith('/0') ? [] : [`ip ${side} ${cidr}`]),
    ...[podRange, ...except].map((range) => `ip ${side} != ${range}`),
  ].join(' ');
}

function portMatch({ protocol, first, last }: Ports): string {
  const name = protocol.toLowerCase();
  if (first === undefined || last === undefined) return `ip protocol ${name}`;
  return `${name} dport ${first === last ? String(first) : `${String(first)}-${String(last)}`}`;
}

function elements(all: readonly string[]): readonly string[] {
  return all.length === 0 ? [] : [`elements = { ${[...all].sort().join(', ')} }`];
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), '  }'];
}
