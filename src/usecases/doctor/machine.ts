import { FfopsError } from '../../errors.ts';
import type { Ports } from '../../ports/ports.ts';
import { fine, type Check } from './check.ts';
import type { DoctorRequest } from './request.ts';

export function nodeCheck({ nodeVersion, nodeWanted }: Pick<DoctorRequest, 'nodeVersion' | 'nodeWanted'>): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = nodeWanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor))
    return fine('machine', 'node', nodeVersion);
  const cures = [`install Node ${nodeWanted} or newer`];
  return { about: 'machine', title: 'node', state: 'wrong', detail: `${nodeVersion} is too old`, cures };
}

export async function gitCheck({ runner }: Pick<Ports, 'runner'>): Promise<Check> {
  try {
    const { stdout } = await runner.run({ program: 'git', args: ['--version'] });
    return fine('machine', 'git', stdout.trim().replace(/^git version /, ''));
  } catch (error) {
    if (!(error instanceof FfopsError)) throw error;
    return {
      about: 'machine',
      title: 'git',
      state: 'note',
      detail: 'not found',
      cures: ['install git: a workspace is made to be committed'],
    };
  }
}

export async function toolChecks({ tools }: Pick<DoctorRequest, 'tools'>): Promise<readonly Check[]> {
  return (await tools()).map(({ name, found, neededFor, notes }) => {
    if (found === undefined) {
      return {
        about: 'tools',
        title: name,
        state: 'note',
        detail: `missing; needed for ${neededFor}`,
        cures: [`ffops toolchain install ${name}`],
      };
    }
    const state = notes.length > 0 ? 'note' : 'fine';
    return {
      about: 'tools',
      title: name,
      state,
      detail: [`${found.version}, ${found.reason}`, ...notes].join('; '),
      cures: [],
    };
  });
}
