/**
 * One restore or drill of an environment at a time: on this machine by its run lock, across machines by a Lease in the
 * cluster; no apply passes either. Both clear what the other left half filled under the server.
 */
import { RESTORE_LEASE, takeLease, type HeldLease, type LeaseWish } from '../cluster/lease.ts';
import { LockedError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { BackupDeps } from './hands.ts';

export interface Holder {
  /** Who runs this, on which machine. */
  readonly operator: { readonly user: string; readonly host: string };
  /** Runs it as the only ffops of this machine that works on this environment. Throws LockedError otherwise. */
  alone<Value>(command: string, work: () => Promise<Value>): Promise<Value>;
}

/**
 * Throws LockedError when somebody else is at it, or takes over. However the work ends, others may begin after it. The work
 * gets a clock that others hear of it by, as long as it waits for something.
 */
export async function held<Deps extends BackupDeps & Pick<Holder, 'operator'>, Value>(
  deps: Deps,
  wish: Pick<LeaseWish, 'work' | 'insteadOf' | 'takeOver'>,
  run: (deps: Deps, lease: Pick<HeldLease, 'renew'>) => Promise<Value>,
): Promise<Value> {
  const { user, host } = deps.operator;
  const lease = await takeLease(deps, await deps.pin(), { ...RESTORE_LEASE, holder: `${user}@${host}`, ...wish });
  let value: Value;
  try {
    value = await run({ ...deps, clock: heardOf(deps.clock, lease) }, lease);
  } catch (error) {
    // Why the work failed matters more than that the lease could not be given back.
    await lease.release().catch(() => undefined);
    throw error;
  }
  await lease.release();
  return value;
}

const HEARD_OF_EVERY_MS = 60_000;

/** A step may take hours. That the cluster does not answer for a while is no reason to give up in the middle of it. */
function heardOf(clock: Clock, { renew }: Pick<HeldLease, 'renew'>): Clock {
  let last = clock.now().getTime();
  return {
    now: () => clock.now(),
    sleep: async (ms, interruption) => {
      await clock.sleep(ms, interruption);
      const now = clock.now().getTime();
      if (now - last < HEARD_OF_EVERY_MS) return;
      last = now;
      await renew().catch((error: unknown) => {
        if (error instanceof LockedError) throw error;
      });
    },
  };
}
