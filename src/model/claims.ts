/**
 * What only one environment of a workspace may have. A copied file that still names the original's cluster, domain or
 * bucket would fight with it over them, or take them away with its own end.
 */
import type { Place, Problem } from '../errors.ts';
import { UserError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { LoadedEnvironment } from './load.ts';

interface Claim {
  /** Where it must be the only one of its name. */
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly cure: string;
}

/** Throws UserError with the places of both. `others` may hold the environment itself. */
export function refuseSharedClaims(environment: LoadedEnvironment, others: readonly LoadedEnvironment[]): void {
  const problems = others
    .filter(({ name }) => name !== environment.name)
    .flatMap((other) => {
      const taken = claimsOf(other.environment);
      return claimsOf(environment.environment).flatMap((claim): Problem[] => {
        const theirs = taken.find(({ kind, name }) => kind === claim.kind && name === claim.name);
        return theirs === undefined ? [] : [shared(environment, claim, other, theirs)];
      });
    });
  if (problems.length > 0) throw new UserError('environment.shared', problems);
}

function claimsOf({ platform, rootDomain, cluster, dns, objectStorage }: Environment): readonly Claim[] {
  return [
    {
      kind: `cluster on ${platform}`,
      name: cluster.name,
      path: 'cluster.name',
      cure: 'Leave `cluster.name` out: each environment then has a name of its own.',
    },
    // Where nobody serves the names, they are lines of a hosts file: two of those do not meet.
    ...(dns.provider === 'none'
      ? []
      : [
          {
            kind: 'domain',
            name: rootDomain,
            path: 'rootDomain',
            cure: `Use a domain below it, such as \`staging.${rootDomain}\`.`,
          },
        ]),
    ...objectStorage.buckets.map((name, index) => ({
      kind: 'bucket',
      name,
      path: `objectStorage.buckets[${index}]`,
      cure: 'Give each environment buckets of its own.',
    })),
  ];
}

function shared(mine: LoadedEnvironment, claim: Claim, other: LoadedEnvironment, theirs: Claim): Problem {
  const { file, line, column } = placeOf(other, theirs.path);
  return {
    message: `The ${claim.kind} \`${claim.name}\` belongs to the environment ${other.name} (${file}:${line}:${column}).`,
    at: placeOf(mine, claim.path),
    hints: [claim.cure],
  };
}

/** A default has no line of its own: it comes from the choice of the platform. */
function placeOf({ origins, file }: LoadedEnvironment, path: string): Place {
  const origin = [origins.of(path), origins.of('platform')].find(({ kind }) => kind === 'file');
  return origin?.kind === 'file'
    ? { file: origin.file, line: origin.line, column: origin.column }
    : { file, line: 1, column: 1 };
}
