/** Our database charts over the options that change what they render: what Helm takes, and what follows from memory and storage. */
import { expect } from 'chai';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../support/cli.ts';
import { deep, type KubernetesObject } from '../../support/manifests.ts';
import { tempFolder } from '../../support/temp.ts';
import { runTool, toolOrSkip } from '../../support/tools.ts';

const SIZES = [
  ['256Mi', '1Gi'],
  ['1Gi', '20Gi'],
  ['64Gi', '2Ti'],
] as const;

for (const engine of ['postgres', 'mariadb'] as const) {
  describe(`the chart of ${engine}`, function () {
    this.timeout(120_000);
    const chart = join(projectRoot, 'charts', engine);
    const folder = tempFolder();
    let helm: string;
    before(async function () {
      helm = await toolOrSkip(this, 'helm');
    });
    after(() => folder.remove());

    const render = async (...settings: string[]): Promise<readonly KubernetesObject[]> => {
      const set = settings.flatMap((setting) => ['--set', setting]);
      const text = await runTool(helm, ['template', engine, chart, '--namespace', 'data', ...set], {
        cwd: folder.path,
      });
      return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
    };
    const of = (objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] =>
      objects.filter((object) => object.kind === kind);
    const configuration = (objects: readonly KubernetesObject[]): string => {
      const map = of(objects, 'ConfigMap').find(({ metadata }) => metadata.name === engine);
      return Object.values(map?.['data'] as Record<string, string>).join('\n');
    };
    const setting = (text: string, name: string): number =>
      Number(new RegExp(`^${name} = (\\d+)`, 'm').exec(text)?.[1]);

    it('passes helm lint', async () => {
      expect(await runTool(helm, ['lint', '--strict', chart], { cwd: folder.path })).to.include('0 chart(s) failed');
    });

    it('gives the server no more than the memory and the volume that were asked for', async () => {
      for (const [memory, size] of SIZES) {
        const objects = await render(`memory=${memory}`, `volume.size=${size}`);
        const mebibytes = Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 1024 : 1);
        const text = configuration(objects);
        const connections = setting(text, 'max_connections');
        expect(connections, memory).to.be.within(20, 400);
        if (engine === 'postgres') {
          expect(setting(text, 'shared_buffers')).to.equal(mebibytes / 4);
          const sorts = connections * setting(text, 'work_mem');
          expect(setting(text, 'shared_buffers') + sorts, memory).to.be.at.most(mebibytes);
          expect(setting(text, 'max_wal_size')).to.be.within(64, 4096);
        } else {
          expect(setting(text, 'innodb_buffer_pool_size')).to.equal(mebibytes / 2);
          expect(setting(text, 'innodb_log_file_size')).to.be.within(48, mebibytes / 2);
        }
        const [claim] = of(objects, 'PersistentVolumeClaim');
        expect(deep(claim, 'storage')).to.deep.equal([size]);
        expect(claim?.metadata.annotations).to.deep.equal({ 'helm.sh/resource-policy': 'keep' });
        const [set] = of(objects, 'StatefulSet');
        expect(deep(set, 'volumeClaimTemplates'), 'its templates could never grow').to.deep.equal([]);
        expect(deep(set, 'claimName')).to.deep.equal([claim?.metadata.name]);
        expect(deep(deep(set, 'limits'), 'memory')).to.deep.equal([memory]);
      }
    });

    it('is measured by a container beside it, when that is wanted', async () => {
      const quiet = await render();
      expect(of(quiet, 'ServiceMonitor')).to.deep.equal([]);
      expect(deep(of(quiet, 'StatefulSet'), 'containers').flat()).to.have.length(1);
      const measured = await render('metrics.enabled=true');
      const [monitor] = of(measured, 'ServiceMonitor');
      const ports = deep(deep(of(measured, 'Service'), 'spec'), 'ports').flat() as { name: string }[];
      expect(ports.map(({ name }) => name)).to.include.members(deep(deep(monitor, 'endpoints'), 'port') as string[]);
      expect(deep(of(measured, 'NetworkPolicy'), 'kubernetes.io/metadata.name')).to.deep.equal(['metrics']);
    });

    it('lets in who carries the label, and nobody else; it goes nowhere itself', async () => {
      const [policy] = of(await render(), 'NetworkPolicy');
      expect(policy?.['spec']).to.deep.include({ policyTypes: ['Ingress', 'Egress'], egress: [] });
      expect(deep(policy, 'from')).to.deep.equal([
        [
          { namespaceSelector: { matchLabels: { [`ffops.dev/${engine}`]: 'client' } } },
          { podSelector: { matchLabels: { [`ffops.dev/${engine}`]: 'client' } } },
        ],
      ]);
    });

    it('runs as restricted pods do, and so does the Job that makes databases', async () => {
      const objects = await render('metrics.enabled=true');
      const pods = [...of(objects, 'StatefulSet'), ...of(objects, 'CronJob')];
      for (const container of deep(pods, 'containers').flat() as Record<string, object>[]) {
        expect(container['securityContext']).to.deep.include({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(deep(container['resources'], 'memory')).to.have.length(2);
      }
      expect(deep(pods, 'seccompProfile')).to.deep.equal([{ type: 'RuntimeDefault' }, { type: 'RuntimeDefault' }]);
      expect(deep(pods, 'runAsNonRoot')).to.deep.equal([true, true]);
    });

    it('has a Job that never runs by itself, is let in, and goes two minutes after its end', async () => {
      const [cronJob] = of(await render(), 'CronJob');
      expect(cronJob?.metadata.name).to.equal(`${engine}-databases`);
      expect(cronJob?.['spec']).to.include({ suspend: true });
      expect(deep(cronJob, 'ttlSecondsAfterFinished')).to.deep.equal([120]);
      expect(deep(cronJob, `ffops.dev/${engine}`)).to.deep.equal(['client']);
    });

    it('refuses a size that it cannot reckon with', async () => {
      let refused = false;
      await render('memory=lots').catch(() => (refused = true));
      expect(refused).to.equal(true);
    });
  });
}
