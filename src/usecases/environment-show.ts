import type { Environment } from '../model/environment.ts';
import { explain, type ExplainedValue } from '../model/explain.ts';
import type { LoadedEnvironment } from '../model/load.ts';

export interface EnvironmentShowResult {
  readonly name: string;
  readonly file: string;
  readonly environment: Environment;
  /** Every value with where it comes from, in the order of the file. */
  readonly values: readonly ExplainedValue[];
}

export function showEnvironment(loaded: LoadedEnvironment): EnvironmentShowResult {
  const { name, file, environment } = loaded;
  return { name, file, environment, values: explain(loaded) };
}
