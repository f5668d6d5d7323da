import { expect } from 'chai';
import {
  compareRecords,
  settingsOf,
  wantedRecords,
  type ZoneRecord,
} from '../../../src/sandbox/controllers/dns-records.ts';
import type { Ingress } from '../../../src/sandbox/controllers/controller.ts';

const settings = settingsOf([
  '--log-level=info',
  '--policy=sync',
  '--txt-owner-id=shop-prod',
  '--txt-prefix=_externaldns-%{record_type}.',
  '--domain-filter=shop.example',
]);

function ingress(host: string, ip?: string): Ingress {
  return {
    metadata: { name: 'web', namespace: 'app', uid: '1' },
    spec: { rules: [{ host }] },
    status: { loadBalancer: ip === undefined ? {} : { ingress: [{ ip }] } },
  };
}

const note = '"heritage=external-dns,external-dns/owner=shop-prod,external-dns/resource=ingress/app/web"';

describe('the records that external-dns would write', () => {
  it('reads owner, prefix, domains and policy from the arguments of the release', () => {
    expect(settings).to.deep.equal({
      owner: 'shop-prod',
      txtPrefix: '_externaldns-%{record_type}.',
      domains: ['shop.example'],
      removes: true,
    });
    expect(settingsOf(['--policy=upsert-only']).removes).to.equal(false);
  });

  it('are an address and a note on who owns it', () => {
    expect(wantedRecords([ingress('www.shop.example', '203.0.113.7')], 'shop.example', settings)).to.deep.equal([
      { type: 'A', name: 'www', data: '203.0.113.7', ttl: 300 },
      { type: 'TXT', name: '_externaldns-a.www', data: note, ttl: 300 },
    ]);
  });

  it('live as long as the ingress says', () => {
    const annotations = { 'external-dns.alpha.kubernetes.io/ttl': '60' };
    const patient = { ...ingress('www.shop.example', '203.0.113.7'), metadata: { name: 'web', uid: '1', annotations } };
    expect(wantedRecords([patient], 'shop.example', settings).map(({ ttl }) => ttl)).to.deep.equal([60, 60]);
  });

  it('call the domain itself @, with its note inside the zone', () => {
    expect(
      wantedRecords([ingress('shop.example', '203.0.113.7')], 'shop.example', settings).map(({ name }) => name),
    ).to.deep.equal(['@', '_externaldns-a']);
  });

  it('leave out other domains, look-alikes, and what has no address yet', () => {
    const others = [
      ingress('www.other.example', '203.0.113.7'),
      ingress('www.myshop.example', '203.0.113.7'),
      ingress('www.shop.example'),
    ];
    expect(wantedRecords(others, 'shop.example', settings)).to.deep.equal([]);
  });

  describe('compared with those that are there', () => {
    const wanted = wantedRecords([ingress('www.shop.example', '203.0.113.7')], 'shop.example', settings);
    const mine = (name: string, data: string): readonly ZoneRecord[] => [
      { id: 1, type: 'A', name, data },
      { id: 2, type: 'TXT', name: `_externaldns-a.${name}`, data: note },
    ];

    it('nothing is done when they are the same', () => {
      expect(compareRecords(mine('www', '203.0.113.7'), wanted, settings)).to.deep.equal({ create: [], remove: [] });
    });

    it('an address that moved is replaced', () => {
      const { create, remove } = compareRecords(mine('www', '203.0.113.1'), wanted, settings);
      expect(create).to.deep.equal([{ type: 'A', name: 'www', data: '203.0.113.7', ttl: 300 }]);
      expect(remove.map(({ id }) => id)).to.deep.equal([1]);
    });

    it('records of an ingress that is gone go, unless the policy keeps them', () => {
      const present = mine('old', '203.0.113.7');
      expect(compareRecords(present, [], settings).remove).to.deep.equal(present);
      expect(compareRecords(present, [], { ...settings, removes: false }).remove).to.deep.equal([]);
    });

    it('records of somebody else are left alone, even under a wanted name', () => {
      const foreign: readonly ZoneRecord[] = [
        { id: 1, type: 'A', name: 'www', data: '198.51.100.1' },
        { id: 2, type: 'MX', name: '@', data: 'mx1.shop.example.' },
        { id: 3, type: 'TXT', name: '_externaldns-a.www', data: note.replace('shop-prod', 'another') },
      ];
      expect(compareRecords(foreign, wanted, settings)).to.deep.equal({ create: [], remove: [] });
    });
  });
});
