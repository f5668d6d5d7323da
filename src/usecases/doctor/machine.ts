import { FfopsError } from '../../errors.ts';
import type { Ports } from '../../ports/ports.ts';
import type { ToolReport } from '../../toolchain/toolchain.ts';
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

/** What is there line by line; what is missing together, as one command brings it all. */
export async function toolChecks({
  tools,
  sandbox,
}: Pick<DoctorRequest, 'tools' | 'sandbox'>): Promise<readonly Check[]> {
  const reports = await tools();
  const missing = reports.filter(({ found }) => found === undefined);
  const isNeeded = ({ forSandbox }: ToolReport): boolean => sandbox || !forSandbox;
  const needed = missing.filter(isNeeded);
  const install = missing.length === reports.length ? [] : needed.map(({ name }) => name);
  const optional = missing.filter((report) => !isNeeded(report));
  return [
    ...reports.flatMap(({ name, found, notes }) =>
      found === undefined ? [] : [fine('tools', name, [`${found.version}, ${found.reason}`, ...notes].join('; '))],
    ),
    ...missingCheck('missing', 'wrong', needed, ['ffops toolchain install', ...install].join(' ')),
    ...missingCheck('for --sandbox', 'note', optional, 'ffops toolchain install'),
  ];
}

function missingCheck(title: string, state: Check['state'], tools: readonly ToolReport[], cure: string): Check[] {
  if (tools.length === 0) return [];
  const named = tools.map(({ name, notes }) => (notes.length === 0 ? name : `${name} (${notes.join('; ')})`));
  return [{ about: 'tools', title, state, detail: named.join(', '), cures: [cure] }];
}
