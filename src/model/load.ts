/** From the text of an environment file to the resolved environment, or to every problem of the file at once. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Problem } from '../errors.ts';
import { bitnamiFindings, checkEnvironment, checkPlatform, checkRootDomain, checkSupported } from './checks.ts';
import { readDocument } from './document.ts';
import type { Document } from './document.ts';
import { environmentSchema } from './environment.ts';
import type { Environment } from './environment.ts';
import { fitTogether, isEnvironmentName, isTakenByFfops } from './names.ts';
import type { Origins } from './origin.ts';
import { originsOf } from './origins.ts';
import type { SourceTree } from './origins.ts';
import { parsePath } from './path.ts';
import { ProblemList } from './problemList.ts';
import { readWritten } from './readWritten.ts';
import type { Registry } from './registry.ts';
import { resolve } from './resolve.ts';
import { schemaAt } from './schemas.ts';
import { Validation } from './validation.ts';

export interface EnvironmentSource {
  /** As people know it: `environments/prod.yaml`. Every problem names it. */
  readonly file: string;
  readonly text: string;
  readonly name: string;
  readonly workspace: string;
  readonly registry: Registry;
}

export interface LoadedEnvironment {
  readonly name: string;
  readonly file: string;
  readonly environment: Environment;
  readonly origins: Origins;
  /** The tree behind `origins`, in file order: what `explain` walks. */
  readonly sources: SourceTree;
  readonly warnings: readonly Problem[];
}

/** Throws UserError with every problem of the file, in file order; each has a place. */
export async function loadEnvironment({
  file,
  text,
  name,
  workspace,
  registry,
}: EnvironmentSource): Promise<LoadedEnvironment> {
  refuseName(name, workspace, file);
  const document = readDocument(file, text, 'environment');
  const { root } = document;
  const context = { workspace, environment: name };
  const problems = new ProblemList(root);
  const validation = new Validation(root, registry);

  const written = readWritten(root, registry, validation, problems);
  for (const finding of bitnamiFindings(root, '')) problems.add(finding);
  for (const finding of await checkRootDomain(written)) problems.report(finding);
  for (const finding of checkPlatform(written, registry)) problems.report(finding);
  const platform = registry.platforms.get(written.platform);
  if (platform === undefined) throw problems.failure();
  for (const finding of checkSupported(written, platform)) problems.report(finding);

  const resolved = resolve({ root, written, platform, registry, context }, validation, problems);
  if (resolved === undefined) throw problems.failure();
  const { environment, sources } = resolved;
  const origins = originsOf(sources);
  for (const finding of await checkEnvironment(environment, origins, platform, registry, context))
    problems.report(finding);
  if (!problems.isEmpty) throw problems.failure();
  return { name, file, environment, origins, sources, warnings: warningsOf(document) };
}

/** Names become parts of other names: what does not fit is refused before the first of them is made. */
function refuseName(name: string, workspace: string, file: string): void {
  const at = { file, line: 1, column: 1 };
  if (!isEnvironmentName(name)) {
    throw new UserError('environment.name', {
      message: `An environment cannot be called "${name}".`,
      at,
      hints: ['Name the file with at most 32 lower-case letters, digits and hyphens, such as `prod.yaml`.'],
    });
  }
  if (isTakenByFfops(name)) {
    throw new UserError('environment.name', {
      message: `An environment cannot be called "${name}": ffops keeps files of its own in \`.ffops/${name}\`.`,
      at,
      hints: ['Choose another name.'],
    });
  }
  if (!fitTogether(workspace, name)) {
    throw new UserError('environment.name', {
      message: `The names of the workspace and of the environment, \`${workspace}-${name}\`, are too long together.`,
      at,
      hints: [
        'Buckets and clusters are named after both, and 63 characters is their limit: shorten one to make at most 50.',
      ],
    });
  }
}

/** `waf: off` is a word of ours: no trap there. */
function warningsOf({ warnings }: Document): Problem[] {
  return warnings
    .filter((trap) => !(schemaAt(environmentSchema, parsePath(trap.path)) instanceof z.ZodEnum))
    .map((trap) => trap.problem);
}
