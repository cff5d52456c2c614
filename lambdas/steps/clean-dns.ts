import type { StepFailure } from '../core/failure.ts';
import { CLOCK_SKEW_MS } from '../core/timeouts.ts';
import { asStepFailure } from './failures.ts';
import type { HeldSlot } from './held-slot.ts';
import type { FailurePorts } from './ports.ts';

/**
 * Removes the slot's own TXT values and strikes each when it is gone. A value whose publisher may still write stays in the
 * slot until that publisher is dead. What cannot be removed now stays too, and the slot is due as `settle`: cleaning up never
 * fails a run, so why it failed is answered, not thrown.
 */
export async function cleanDns(
  ports: Pick<FailurePorts, 'dns' | 'clock'>,
  slot: HeldSlot,
): Promise<StepFailure | undefined> {
  const entries = Object.entries(slot.dns);
  if (entries.length === 0) return undefined;
  // Taken before the removal: a late publisher might write between the two.
  const now = ports.clock.now();
  try {
    await ports.dns.remove(entries.map(([, entry]) => entry));
  } catch (error) {
    return asStepFailure(error);
  }
  const left = entries.filter(([, { lateUntil }]) => lateUntil !== undefined && lateUntil + CLOCK_SKEW_MS > now);
  await slot.save({ dns: left.length === 0 ? undefined : Object.fromEntries(left) });
  return undefined;
}
