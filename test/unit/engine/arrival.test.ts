import { expect } from 'chai';
import { arrivalOf } from '../../../src/engine/arrival.ts';
import type { Host } from '../../../src/model/blueprint.ts';
import { aBlueprint, origin } from '../../support/blueprint.ts';

const page: Host = { name: 'shop.test', url: 'http://shop.test', owner: 'shop', purpose: 'the shop', origin };
const desk: Host = { ...page, name: 'desk.shop.test', url: 'http://desk.shop.test', purpose: 'its office' };
const zone = { domain: 'shop.test', nameServers: ['ns1.example.com', 'ns2.example.com'] };

describe('where an apply arrives', () => {
  it('names each address as it is answered, and where the password is', () => {
    const login = { user: 'admin', secret: 'shop.admin' };
    const { places } = arrivalOf(aBlueprint({ hosts: [page, { ...desk, login }] }), false);
    expect(places).to.deep.equal([
      { url: 'http://shop.test', purpose: 'the shop' },
      {
        url: 'http://desk.shop.test',
        purpose: 'its office',
        login: { user: 'admin', passwordFrom: 'ffops secrets get shop.admin -e dev' },
      },
    ]);
  });

  it('says which name servers the registrar needs, but not of a rehearsal', () => {
    const step = 'once, where shop.test is registered: name servers ns1.example.com, ns2.example.com';
    expect(arrivalOf(aBlueprint({ zone }), false).next).to.include(step);
    expect(arrivalOf(aBlueprint({ zone }), true).next).not.to.include(step);
  });

  it('shows the names of a local cluster for /etc/hosts', () => {
    expect(arrivalOf(aBlueprint(), false).next).to.deep.equal(['ffops status -e dev', 'ffops env hosts -e dev']);
  });
});
