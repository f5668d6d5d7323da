import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { environmentJsonSchema } from '../../../src/model/jsonSchema.ts';
import { prod, registry } from './support.ts';

describe('the JSON Schema for editors', () => {
  const schema = environmentJsonSchema(registry);
  const check = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);
  const valid = (text: string): boolean => check(parse(text));

  it('is of draft 2020-12', () => {
    expect(schema['$schema']).to.equal('https://json-schema.org/draft/2020-12/schema');
  });

  it('accepts what ffops accepts', () => {
    for (const text of [
      prod(),
      prod('mail:', 'apps:', '  blog:', '  flow: {mailer: , media: {bucket: files}}'),
      prod('cluster: {region: fra1, nodePools: [{name: a, size: small, autoscale: {min: 1, max: 2}}]}'),
      'platform: laptop\nrootDomain: acme.kube\ncluster: {context: minikube}\n',
    ]) {
      expect(valid(text), `${text}${JSON.stringify(check.errors)}`).to.be.true;
    }
  });

  it('marks what ffops refuses', () => {
    for (const text of [
      'rootDomain: acme.be\n',
      'platform: moon\nrootDomain: acme.be\n',
      prod('regoin: x'),
      prod('cluster: {version: 1.30}'),
      prod('cluster: {region: ams4}'),
      prod('cluster: {context: minikube}'),
      prod('cluster: {nodePools: [{name: a, size: huge, count: 1}]}'),
      prod('ingress: {waf: blok}'),
      prod('apps: {sap: }'),
      prod('apps: {proxy: }'),
      prod('apps: {blog: {host: x}}'),
      prod('apps: {shop: {currency: yen}}'),
      'platform: laptop\nrootDomain: acme.kube\nmail: {spf: v=spf1 -all}\n',
    ]) {
      expect(valid(text), text).to.be.false;
    }
  });

  it('explains every option', () => {
    const silent: string[] = [];
    const walk = (node: Record<string, unknown>, path: string): void => {
      for (const [name, option] of Object.entries(
        (node['properties'] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (typeof option['description'] !== 'string') silent.push(`${path}${name}`);
        walk(option, `${path}${name}.`);
        walk((option['items'] ?? {}) as Record<string, unknown>, `${path}${name}[].`);
      }
    };
    const { apps: _apps, ...own } = schema['properties'] as Record<string, Record<string, unknown>>;
    walk({ properties: own }, '');
    expect(silent).to.deep.equal([]);
  });

  it('shows editors the defaults of apps, and their titles', () => {
    expect(schema).to.have.nested.property('properties.apps.properties.blog.description', 'The app blog');
    expect(schema).to.have.nested.property('properties.apps.properties.blog.properties.title.default', 'A blog');
  });

  it('is the same every time', () => {
    expect(JSON.stringify(environmentJsonSchema(registry))).to.equal(JSON.stringify(schema));
  });
});
