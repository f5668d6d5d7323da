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
  const checks: Check[] = [];
  const isRight = (about: Check['about']): boolean =>
    checks.every((check) => check.about !== about || check.state !== 'wrong');
  const sections: readonly (() => Promise<readonly Check[]>)[] = [
    async () => [nodeCheck(request), await gitCheck(ports)],
    () => guarded('tools', 'tools', () => toolChecks(request)),
    () => guarded('workspace', 'workspace', () => workspaceChecks(ports, request)),
    async () =>
      isRight('workspace') && !request.sandbox ? guarded('secrets', 'secrets', () => secretChecks(ports, request)) : [],
    // Without secrets nothing outside of this machine would answer.
    async () =>
      isRight('workspace') && isRight('secrets') && !request.sandbox ? environmentChecks(ports, request) : [],
  ];
  for (const look of sections) {
    checks.push(...(await look()));
    if (ports.interruption.requested) return { verdict: 'interrupted', checks };
  }
  return { verdict: checks.some(({ state }) => state === 'wrong') ? 'failed' : 'done', checks };
}
