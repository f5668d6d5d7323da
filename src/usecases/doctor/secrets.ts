import { dirname, join } from 'node:path';
import type { Ports } from '../../ports/ports.ts';
import { fine, type Check } from './check.ts';
import type { DoctorRequest } from './request.ts';

/** Names only: nothing is opened. */
export async function secretChecks(
  ports: Pick<Ports, 'files' | 'variables'>,
  request: DoctorRequest,
): Promise<readonly Check[]> {
  const { ageKeyFile } = await request.surroundings();
  const { name } = await request.choice();
  const checks = [await ageKeyCheck(ports, ageKeyFile, (await request.workspace()).root, name)];
  const { store } = await request.hands();
  if (!(await store.exists())) {
    const cures = [`ffops secrets init -e ${name}`];
    return [
      ...checks,
      { about: 'secrets', title: 'secrets', state: 'wrong', detail: `there is no ${store.place.title}`, cures },
    ];
  }
  const names = new Set(await store.names());
  for (const { name: secret, supply } of (await request.blueprint()).secrets) {
    if (supply.kind === 'derived') continue;
    if (names.has(secret)) checks.push(fine('secrets', secret, 'has a value'));
    else if (supply.kind === 'asked') checks.push(missingSecret(secret, `ffops secrets set ${secret} -e ${name}`));
    else checks.push(missingSecret(secret, `ffops secrets generate -e ${name}`));
  }
  return checks;
}

function missingSecret(title: string, cure: string): Check {
  return { about: 'secrets', title, state: 'wrong', detail: 'has no value', cures: [cure] };
}

async function ageKeyCheck(
  { files, variables }: Pick<Ports, 'files' | 'variables'>,
  path: string,
  workspace: string,
  environment: string,
): Promise<Check> {
  const about = 'secrets';
  const title = 'age key';
  const info = await files.info(path);
  if (info === undefined) {
    if (variables['SOPS_AGE_KEY']) return fine(about, title, 'handed over by SOPS_AGE_KEY');
    const cures = [`take ${path} from where you keep passwords`, `or make one: ffops secrets init -e ${environment}`];
    return { about, title, state: 'wrong', detail: `there is no ${path}`, cures };
  }
  if (`${dirname(path)}/`.startsWith(join(workspace, '/'))) {
    const cures = ['move it out, and name it: SOPS_AGE_KEY_FILE'];
    return {
      about,
      title,
      state: 'wrong',
      detail: `${path} lies in the workspace, where it could be committed`,
      cures,
    };
  }
  if ((info.mode & 0o077) !== 0)
    return { about, title, state: 'wrong', detail: `others can read ${path}`, cures: [`chmod 600 ${path}`] };
  return fine(about, title, path);
}
