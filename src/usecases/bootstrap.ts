/** `ffops env bootstrap`: the place where the state will be kept, made and proven before the first apply. */
import type { Blueprint } from '../model/blueprint.ts';
import type { EnvironmentHands } from './environment-hands.ts';
import type { Result } from './verdict.ts';

export interface BootstrapResult extends Result {
  readonly environment: string;
  readonly state: 'bucket' | 'local';
  readonly bucket?: string;
  readonly created?: boolean;
  readonly versioned?: boolean;
  readonly locks?: boolean;
}

/** Throws UserError when the bucket's name is taken, FailedError when the store cannot hold a lock. */
export async function bootstrap(
  blueprint: Blueprint,
  hands: Pick<EnvironmentHands, 'cloud'>,
): Promise<BootstrapResult> {
  const report = await hands.cloud.prepareStateBucket();
  if (report === undefined) return { environment: blueprint.environment, state: 'local' };
  return { environment: blueprint.environment, state: 'bucket', ...report };
}
