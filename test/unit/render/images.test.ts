import { expect } from 'chai';
import { forbiddenImages } from '../../../src/render/images.ts';

const deployment = (container: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: shops }
spec:
  template:
    spec:
      ${container}
`;

describe('images of Bitnami in what a chart renders', () => {
  it('are found wherever they stand, with the way there', () => {
    const manifests = [
      deployment('containers: [{ image: nginx:1.28 }, { image: docker.io/bitnami/redis:7 }]'),
      deployment('initContainers: [{ image: bitnamilegacy/os-shell }]'),
      deployment('containers: [{ image: nginx:1.28, args: ["--sidecar=registry.example.com/bitnami/kubectl:1"] }]'),
      'kind: Job\nmetadata: { name: hook, annotations: { helm.sh/hook: pre-install } }\nspec: { image: "bitnami/git@sha256:00" }',
      'kind: Prometheus\nmetadata: { name: metrics, namespace: metrics }\nspec: { thanos: { baseImage: bitnami/thanos } }',
    ].join('\n---\n');
    expect(forbiddenImages(manifests).map(({ object, path }) => `${object}: ${path}`)).to.deep.equal([
      'Deployment shops/shop: spec.template.spec.containers[1].image',
      'Deployment shops/shop: spec.template.spec.initContainers[0].image',
      'Deployment shops/shop: spec.template.spec.containers[0].args[0]',
      'Job hook: spec.image',
      'Prometheus metrics/metrics: spec.thanos.baseImage',
    ]);
  });

  it('are not what a definition or prose mentions', () => {
    const manifests = [
      'kind: CustomResourceDefinition\nmetadata: { name: a }\nspec: { example: bitnami/thanos }',
      'kind: ConfigMap\nmetadata: { name: a }\ndata: { notes: "We left docker.io/bitnami/redis behind." }',
      deployment('containers: [{ image: ghcr.io/notbitnami-at-all/nginx:1 }]'),
      '',
    ].join('\n---\n');
    expect(forbiddenImages(manifests)).to.deep.equal([]);
  });
});
