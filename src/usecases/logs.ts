/** `ffops logs APP`: what the pods of an app say. */
import { objects } from '../cluster/ask.ts';
import { belongsTo } from '../cluster/belongs.ts';
import { workloadKinds } from '../cluster/readiness.ts';
import { UserError } from '../errors.ts';
import type { Blueprint, Release } from '../model/blueprint.ts';
import type { Surroundings } from '../model/surroundings.ts';
import type { Ports } from '../ports/ports.ts';
import { workloadLogs } from '../tools/kubectl.ts';
import { toolFailed } from '../tools/call.ts';
import type { EnvironmentHands } from './environment-hands.ts';
import type { Result } from './verdict.ts';

export interface LogsRequest {
  readonly blueprint: Blueprint;
  readonly surroundings: Pick<Surroundings, 'podsRun'>;
  readonly hands: Pick<EnvironmentHands, 'cluster' | 'run'>;
  readonly app: string;
  readonly lines: number;
  readonly since?: string | undefined;
  readonly follow: boolean;
  /** Each line as it comes. */
  readonly onLine: (line: string) => void;
}

export interface LogsResult extends Result {
  readonly app: string;
  /** `infra/deployment/traefik` */
  readonly workloads: readonly string[];
  /** With --json; on a terminal they are shown as they come. */
  readonly lines?: readonly string[];
  /** Why there is nothing to read. */
  readonly note?: string;
}

/**
 * Throws UserError when the environment has no such app, FailedError when the
 * cluster gives no logs.
 */
export async function logs(ports: Pick<Ports, 'interruption'>, request: LogsRequest): Promise<LogsResult> {
  const { blueprint, hands, app } = request;
  const releases = releasesOf(blueprint, app);
  if (!request.surroundings.podsRun) {
    return { app, workloads: [], note: `pods of the sandbox have no process, so ${app} says nothing there` };
  }
  const pin = await hands.cluster.pin();
  const live = await objects(hands.run, pin, workloadKinds);
  const own = live.filter((object) => releases.some((release) => belongsTo(release, object)));
  await Promise.all(
    own.map(async ({ kind, metadata }) => {
      const workload = { namespace: metadata.namespace ?? '', name: `${kind.toLowerCase()}/${metadata.name}` };
      const call = workloadLogs(pin, workload, request);
      const outcome = await hands.run('kubectl', {
        ...call,
        onLine: (stream, line) => stream === 'stdout' && request.onLine(line),
      });
      if (outcome.exitCode === 0 || ports.interruption.requested) return;
      throw toolFailed('logs.none', `${workload.name} gave no logs`, outcome);
    }),
  );
  const workloads = own.map(
    ({ kind, metadata }) => `${metadata.namespace ?? ''}/${kind.toLowerCase()}/${metadata.name}`,
  );
  return { app, workloads, ...(own.length === 0 ? { note: `${app} has no workload yet` } : {}) };
}

/** An app by the name of its entry, or one release by its own. */
function releasesOf(blueprint: Blueprint, app: string): readonly Release[] {
  const all = blueprint.stacks.flatMap((stack) => stack.releases);
  const found = all.filter((release) => release.entry === app || release.name === app);
  if (found.length > 0) return found;
  const names = [...new Set(all.filter((release) => release.workloads).map((release) => release.entry))].sort();
  throw new UserError('logs.unknownApp', {
    message: `${blueprint.environment} has no app named ${app}.`,
    hints: [`It has ${names.join(', ')}.`],
  });
}
