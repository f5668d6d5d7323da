/**
 * One restore or drill of an environment at a time: on this machine by its run lock, across machines by a Lease in the
 * cluster; no apply passes either. Both clear what the other left half filled under the server.
 */
import { RESTORE_LEASE, takeLease, type HeldLease, type LeaseWish } from '../cluster/lease.ts';
import type { BackupDeps } from './hands.ts';

export interface Holder {
  /** Who runs this, on which machine. */
  readonly operator: { readonly user: string; readonly host: string };
  /** Runs it as the only ffops of this machine that works on this environment. Throws LockedError otherwise. */
  alone<Value>(command: string, work: () => Promise<Value>): Promise<Value>;
}

/** Throws LockedError when somebody else is at it. However the work ends, others may begin after it. */
export async function held<Value>(
  deps: BackupDeps & Pick<Holder, 'operator'>,
  wish: Pick<LeaseWish, 'work' | 'insteadOf' | 'takeOver'>,
  run: (lease: Pick<HeldLease, 'renew'>) => Promise<Value>,
): Promise<Value> {
  const { user, host } = deps.operator;
  const lease = await takeLease(deps, await deps.pin(), { ...RESTORE_LEASE, holder: `${user}@${host}`, ...wish });
  let value: Value;
  try {
    value = await run(lease);
  } catch (error) {
    // Why the work failed matters more than that the lease could not be given back.
    await lease.release().catch(() => undefined);
    throw error;
  }
  await lease.release();
  return value;
}
