import type { Ports } from '../../ports/ports.ts';
import { fine, type Check } from './check.ts';
import type { DoctorRequest } from './request.ts';

export async function workspaceChecks(ports: Pick<Ports, 'runner'>, request: DoctorRequest): Promise<readonly Check[]> {
  const { root, name } = await request.workspace();
  const choice = await request.choice();
  const { platform, stacks } = await request.blueprint();
  return [
    fine('workspace', 'workspace', `${name} in ${root}`),
    fine('workspace', 'environment', `${choice.name} on ${platform}, ${stacks.length} stacks; chosen by ${choice.by}`),
    await ignoredCheck(ports, root),
  ];
}

/** Working files hold a kubeconfig; committed, they would leak it. */
async function ignoredCheck({ runner }: Pick<Ports, 'runner'>, root: string): Promise<Check> {
  const outcome = await runner
    .run({ program: 'git', args: ['check-ignore', '--quiet', '.ffops/kubeconfig'], cwd: root })
    .catch(() => undefined);
  if (outcome?.exitCode === 0) return fine('workspace', '.gitignore', '.ffops is ignored');
  if (outcome?.exitCode === 1) {
    const cures = ["echo '.ffops/' >> .gitignore"];
    return {
      about: 'workspace',
      title: '.gitignore',
      state: 'wrong',
      detail: '.ffops would be committed, kubeconfig included',
      cures,
    };
  }
  return {
    about: 'workspace',
    title: '.gitignore',
    state: 'note',
    detail: 'the workspace is not in git',
    cures: ['git init'],
  };
}
