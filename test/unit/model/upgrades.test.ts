import { expect } from 'chai';
import { ownImage, versionOfImage } from '../../../src/model/image.ts';
import { notesOn, stepBetween } from '../../../src/model/upgrades.ts';

const path = { stops: ['1.23.0', '2.5.0'], notes: [{ since: '2.5.0', text: 'It takes long.' }] };

describe('the way from one version of an app to another', () => {
  for (const [installed, wanted, expected] of [
    ['2.44.0', '2.44.0', { kind: 'straight' }],
    ['2.44', '2.44.0', { kind: 'straight' }],
    ['2.43.9', '2.44.0', { kind: 'straight' }],
    ['2.5.0', '2.44.0', { kind: 'straight' }],
    ['2.44.1', '2.44.0', { kind: 'back' }],
    ['2.10.0', '2.9.0', { kind: 'back' }],
    ['1.20.0', '2.44.0', { kind: 'too-far', through: ['1.23.0', '2.5.0'] }],
    ['1.23.0', '2.44.0', { kind: 'too-far', through: ['2.5.0'] }],
    ['1.99.0', '2.4.9', { kind: 'straight' }],
    // Onto a stop itself.
    ['1.20.0', '1.23.0', { kind: 'straight' }],
    ['1.20.0', '2.5.0', { kind: 'too-far', through: ['1.23.0'] }],
  ] as const) {
    it(`${installed} → ${wanted}: ${expected.kind}`, () =>
      void expect(stepBetween(installed, wanted, path)).to.deep.equal(expected));
  }

  it('is straight where nothing is known of stops', () => {
    expect(stepBetween('0.1.0', '99.0.0', undefined)).to.deep.equal({ kind: 'straight' });
  });

  it('has notes for who comes from before them', () => {
    expect(notesOn('2.4.9', path)).to.deep.equal(['It takes long.']);
    expect(notesOn('2.5.0', path)).to.deep.equal([]);
  });
});

describe('an image of one’s own', () => {
  const digest = `@sha256:${'0a'.repeat(32)}`;
  for (const [image, version] of [
    ['docker.io/n8nio/n8n:2.38.1', '2.38.1'],
    [`ghcr.io/project-zot/zot:v2.1.0${digest}`, '2.1.0'],
    [`mirror.example.com:5000/library/wordpress:7.1.2-php8.3-apache${digest}`, '7.1.2'],
    ['docker.io/library/postgres:17', '17'],
  ] as const) {
    it(`${image} is ${version}`, () => {
      expect(ownImage.safeParse(image).success).to.equal(true);
      expect(versionOfImage(image)).to.equal(version);
    });
  }
  for (const image of [
    'n8n:2.38.1',
    'docker.io/n8nio/n8n',
    'docker.io/n8nio/n8n:latest',
    'docker.io/n8nio/n8n:2.38.1@sha256:abc',
    `docker.io/n8nio/n8n${digest}`,
    'docker.io/n8nio/n8n:2.38.1 ',
    'docker.io/n8nio/n8n:2.38.1"',
    '',
  ]) {
    it(`${JSON.stringify(image)} is none`, () => void expect(ownImage.safeParse(image).success).to.equal(false));
  }
});
