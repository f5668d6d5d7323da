import type { Ports } from '../../ports/ports.ts';
import type { Verdict } from '../verdict.ts';
import { guarded, type Check } from './check.ts';
import { environmentChecks } from './environment.ts';
import { gitCheck, nodeCheck, toolChecks } from './machine.ts';
import type { DoctorRequest } from './request.ts';
import { secretChecks } from './secrets.ts';
import { workspaceChecks } from './workspace.ts';

export interface DoctorResult {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}

/** Looks at everything a command needs, and never stops at the first thing that is off. */
export async function doctor(ports: Ports, request: DoctorRequest): Promise<DoctorResult> {
  const checks: Check[] = [
    nodeCheck(request),
    await gitCheck(ports),
    ...(await guarded('tools', 'tools', () => toolChecks(request))),
    ...(await guarded('workspace', 'workspace', () => workspaceChecks(ports, request))),
  ];
  const isRight = (about: Check['about']): boolean =>
    checks.every((check) => check.about !== about || check.state !== 'wrong');
  if (isRight('workspace') && !request.sandbox) {
    checks.push(...(await guarded('secrets', 'secrets', () => secretChecks(ports, request))));
  }
  // Without secrets nothing outside of this machine would answer.
  if (isRight('workspace') && isRight('secrets') && !request.sandbox) {
    checks.push(...(await environmentChecks(ports, request)));
  }
  return { verdict: checks.some(({ state }) => state === 'wrong') ? 'failed' : 'done', checks };
}
