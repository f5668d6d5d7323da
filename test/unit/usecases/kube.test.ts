import { expect } from 'chai';
import { kube } from '../../../src/usecases/kube.ts';
import { clusterHands } from '../../../src/cluster/cluster-hands.ts';
import { aBlueprint } from '../../support/blueprint.ts';
import { aScene, kubeconfig, kubeSystem, pin } from '../cluster/harness.ts';

async function ask(kind: 'real' | 'sandbox', words: string): Promise<string> {
  const podsRun = kind === 'real';
  const scene = aScene(aBlueprint(), { surroundings: { kind, podsRun } });
  scene.expect('kubectl', 'view', { stdout: kubeconfig('https://127.0.0.1:1').replaceAll('do-ams3-shop', 'minikube') });
  scene.expect('kubectl', 'kube-system', kubeSystem('uid'));
  scene.fakes.runner.allow({ program: 'kubectl' }, { exitCode: 7 });
  const hands = { run: scene.deps.run, cluster: clusterHands(scene.deps) };
  try {
    const code = await kube({ hands, surroundings: { podsRun }, args: words.split(' ') });
    const last = scene.fakes.runner.calls.at(-1);
    expect(last?.interactive).to.equal(true);
    expect(last?.args.slice(0, 4)).to.deep.equal(['--kubeconfig', pin.kubeconfig, '--context', 'minikube']);
    expect(last?.args.slice(4).join(' ')).to.equal(words);
    return `exit ${code}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('kubectl, handed through', () => {
  const words: readonly (readonly [string, string, string])[] = [
    ['get pods -A', 'exit 7', 'exit 7'],
    ['get pods -n logs', 'exit 7', 'exit 7'],
    ['logs traefik-0 -n infra', 'exit 7', 'kube.noProcess'],
    ['-n infra exec -it traefik-0 -- sh', 'exit 7', 'kube.noProcess'],
    ['--namespace=infra port-forward svc/x 80', 'exit 7', 'kube.noProcess'],
    ['-v 6 --request-timeout 3s top pods', 'exit 7', 'kube.noProcess'],
    ['exec postgres-0 -- psql --context x', 'exit 7', 'kube.noProcess'],
    ['get pods --context other', 'kube.elsewhere', 'kube.elsewhere'],
    ['--kubeconfig=/x get pods', 'kube.elsewhere', 'kube.elsewhere'],
    ['get pods -s https://elsewhere.test', 'kube.elsewhere', 'kube.elsewhere'],
    ['get pods -shttps://elsewhere.test', 'kube.elsewhere', 'kube.elsewhere'],
    ['get pods --insecure-skip-tls-verify', 'kube.elsewhere', 'kube.elsewhere'],
    ['create rolebinding x --user=me --role=y', 'exit 7', 'exit 7'],
  ];
  for (const [command, real, sandbox] of words) {
    it(`${command}: ${real}, in the sandbox ${sandbox}`, async () => {
      expect(await ask('real', command)).to.equal(real);
      expect(await ask('sandbox', command)).to.equal(sandbox);
    });
  }
});
