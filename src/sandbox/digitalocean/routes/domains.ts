/** Domains and their records. */
import { z } from 'zod';
import type { Domain, DomainRecord } from '../documents.ts';
import { created, noContent, notFound, ok, page, read, unprocessable, type Handler, type Route } from '../http.ts';
import type { Transaction } from '../store.ts';
import type { World } from '../world.ts';

const domainBody = z.object({ name: z.string().min(1).max(253), ip_address: z.string().optional() });
const recordBody = z.object({
  type: z.enum(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT']).optional(),
  name: z.string().optional(),
  data: z.string().optional(),
  priority: z.int().min(0).max(65535).optional(),
  port: z.int().min(0).max(65535).optional(),
  ttl: z.int().min(30).optional(),
  weight: z.int().min(0).max(65535).optional(),
  flags: z.int().min(0).max(255).optional(),
  tag: z.string().optional(),
});
type RecordBody = z.infer<typeof recordBody>;

const defaultTtl = 1800;
/** Their data is a host name: given with a final dot, or relative to the domain; answered without the dot. */
const namesHost = ['CNAME', 'MX', 'NS', 'SRV', 'CAA'];

export function domainRoutes({ store }: World): readonly Route[] {
  const find = (name: string | undefined): Domain => {
    const domain = store.get('domain', (name ?? '').toLowerCase());
    if (domain === undefined) throw notFound();
    return domain;
  };
  const recordsOf = (domain: Domain): readonly DomainRecord[] =>
    store.list('record').filter((record) => record.domain === domain.name);
  const findRecord = (domain: Domain, id: string | undefined): DomainRecord => {
    const record = store.get('record', id ?? '');
    if (record === undefined || record.domain !== domain.name) throw notFound();
    return record;
  };

  const create: Handler = (request) => {
    const body = read(domainBody, request.body);
    const name = body.name.toLowerCase().replace(/\.$/, '');
    if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name)) throw unprocessable('Invalid domain name');
    if (store.get('domain', name) !== undefined) throw unprocessable(`domain '${name}': name already exists`);
    store.write((change) => {
      change.put('domain', name, { name, ttl: defaultTtl });
      putRecord(change, name, { type: 'SOA', name: '@', data: '1800', ttl: defaultTtl });
      for (const server of ['ns1', 'ns2', 'ns3'])
        putRecord(change, name, { type: 'NS', name: '@', data: `${server}.digitalocean.com`, ttl: defaultTtl });
      if (body.ip_address !== undefined)
        putRecord(change, name, { type: 'A', name: '@', data: body.ip_address, ttl: defaultTtl });
    });
    // A new domain has no zone file yet.
    return created({ domain: { name, ttl: null, zone_file: null } });
  };

  const remove: Handler = (request) => {
    const domain = find(request.params['name']);
    store.write((change) => {
      for (const record of recordsOf(domain)) change.remove('record', String(record.id));
      change.remove('domain', domain.name);
      change.remove('assignment', `do:domain:${domain.name}`);
    });
    return noContent;
  };

  const listRecords: Handler = (request) => {
    const type = request.query.get('type');
    const name = request.query.get('name')?.toLowerCase();
    const domain = find(request.params['name']);
    const found = recordsOf(domain)
      .filter((record) => type === null || record.type === type)
      .filter((record) => name === undefined || fullName(record) === name);
    return page(request, 'domain_records', found.map(recordAnswer));
  };

  const createRecord: Handler = (request) => {
    const domain = find(request.params['name']);
    const body = read(recordBody, request.body);
    if (body.type === undefined) throw unprocessable("Type can't be blank");
    const wanted = checkedRecord(domain, body.type, body);
    refuseSharedCname(recordsOf(domain), wanted);
    const record = store.write((change) => putRecord(change, domain.name, wanted));
    return created({ domain_record: recordAnswer(record) });
  };

  const changeRecord: Handler = (request) => {
    const domain = find(request.params['name']);
    const record = findRecord(domain, request.params['id']);
    const body = read(recordBody, request.body);
    const changed = { ...record, ...checkedRecord(domain, record.type, { ...asBody(record), ...body }) };
    refuseSharedCname(
      recordsOf(domain).filter((other) => other.id !== record.id),
      changed,
    );
    store.write((change) => change.put('record', String(record.id), changed));
    return ok({ domain_record: recordAnswer(changed) });
  };

  const removeRecord: Handler = (request) => {
    const record = findRecord(find(request.params['name']), request.params['id']);
    store.write((change) => change.remove('record', String(record.id)));
    return noContent;
  };

  const domainAnswer = (domain: Domain): unknown => ({ ...domain, zone_file: zoneFile(domain, recordsOf(domain)) });

  return [
    {
      method: 'GET',
      path: '/v2/domains',
      handle: (request) => page(request, 'domains', store.list('domain').map(domainAnswer)),
    },
    { method: 'POST', path: '/v2/domains', handle: create },
    {
      method: 'GET',
      path: '/v2/domains/:name',
      handle: (request) => ok({ domain: domainAnswer(find(request.params['name'])) }),
    },
    { method: 'DELETE', path: '/v2/domains/:name', handle: remove },
    { method: 'GET', path: '/v2/domains/:name/records', handle: listRecords },
    { method: 'POST', path: '/v2/domains/:name/records', handle: createRecord },
    {
      method: 'GET',
      path: '/v2/domains/:name/records/:id',
      handle: (request) =>
        ok({ domain_record: recordAnswer(findRecord(find(request.params['name']), request.params['id'])) }),
    },
    { method: 'PUT', path: '/v2/domains/:name/records/:id', handle: changeRecord },
    { method: 'PATCH', path: '/v2/domains/:name/records/:id', handle: changeRecord },
    { method: 'DELETE', path: '/v2/domains/:name/records/:id', handle: removeRecord },
  ];
}

type Wanted = Partial<DomainRecord> & Pick<DomainRecord, 'type' | 'name' | 'data' | 'ttl'>;

function putRecord(change: Transaction, domain: string, wanted: Wanted): DomainRecord {
  const empty = { priority: null, port: null, weight: null, flags: null, tag: null };
  const record = { ...empty, ...wanted, id: change.number('record', 310_000_001), domain };
  change.put('record', String(record.id), record);
  return record;
}

/** Checks what the real API checks, and writes names as it does. */
function checkedRecord(domain: Domain, type: string, body: RecordBody): Wanted {
  if (body.name === undefined || body.name === '') throw unprocessable("Name can't be blank");
  if (body.data === undefined || body.data === '') throw unprocessable("Data can't be blank");
  if (type === 'A' && !/^\d{1,3}(\.\d{1,3}){3}$/.test(body.data))
    throw unprocessable('IP address did not match IPv4 format (e.g. 127.0.0.1).');
  if (type === 'AAAA' && !body.data.includes(':'))
    throw unprocessable('IP address did not match IPv6 format (e.g. 2001:db8::ff00:42:8329).');
  if (type === 'TXT' && body.data.length > 65_535) throw unprocessable('Data is too long');
  const relative = body.name.toLowerCase().endsWith(`${domain.name}.`)
    ? body.name.slice(0, -domain.name.length - 2)
    : body.name;
  return {
    type,
    name: relative === '' ? '@' : relative,
    data: namesHost.includes(type) ? hostData(type, body) : body.data,
    ttl: body.ttl ?? defaultTtl,
    priority: type === 'MX' || type === 'SRV' ? (body.priority ?? 0) : null,
    port: type === 'SRV' ? (body.port ?? 0) : null,
    weight: type === 'SRV' ? (body.weight ?? 0) : null,
    flags: type === 'CAA' ? (body.flags ?? 0) : null,
    tag: type === 'CAA' ? (body.tag ?? 'issue') : null,
  };
}

function hostData(type: string, body: RecordBody): string {
  const data = body.data ?? '';
  if (data === '@' || (type === 'CAA' && body.tag === 'iodef')) return data;
  if (data.endsWith('.')) return data.slice(0, -1);
  if (data.includes('.')) throw unprocessable('Data needs to end with a dot (.)');
  return data;
}

function refuseSharedCname(others: readonly DomainRecord[], wanted: Wanted): void {
  const shared = others.some(
    (other) =>
      other.name.toLowerCase() === wanted.name.toLowerCase() && (other.type === 'CNAME' || wanted.type === 'CNAME'),
  );
  if (shared) throw unprocessable('CNAME records cannot share a name with other records');
}

/** A record as a request would have asked for it. */
function asBody(record: DomainRecord): RecordBody {
  const dotted = namesHost.includes(record.type) && record.data !== '@' && record.tag !== 'iodef';
  return {
    name: record.name,
    data: dotted ? `${record.data}.` : record.data,
    ttl: record.ttl,
    ...(record.priority !== null && { priority: record.priority }),
    ...(record.port !== null && { port: record.port }),
    ...(record.weight !== null && { weight: record.weight }),
    ...(record.flags !== null && { flags: record.flags }),
    ...(record.tag !== null && { tag: record.tag }),
  };
}

function recordAnswer({ domain: _, ...record }: DomainRecord): unknown {
  return record;
}

function fullName(record: DomainRecord): string {
  return record.name === '@' ? record.domain : `${record.name}.${record.domain}`.toLowerCase();
}

function zoneFile(domain: Domain, records: readonly DomainRecord[]): string {
  const lines = records
    .filter((record) => record.type !== 'SOA')
    .map(
      (record) =>
        `${fullName(record)}. ${record.ttl} IN ${record.type} ${record.data}${namesHost.includes(record.type) ? '.' : ''}`,
    );
  return `$ORIGIN ${domain.name}.\n$TTL ${domain.ttl}\n${lines.join('\n')}\n`;
}
