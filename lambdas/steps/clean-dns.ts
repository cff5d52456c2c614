import type { SlotDnsEntry } from '../core/rows.ts';
import type { HeldSlot } from './order-run.ts';
import type { FailurePorts } from './ports.ts';

/**
 * Removes the slot's own TXT values and strikes each when it is gone. A value whose publisher may still write stays in the
 * slot until that publisher is dead. What cannot be removed now stays too: the slot is due as `settle`.
 */
export async function cleanDns(
  ports: Pick<FailurePorts, 'dns' | 'clock'>,
  slot: HeldSlot,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  const entries = Object.entries(slot.dns).filter(([id]) => !keep.has(id));
  if (entries.length === 0) return;
  const gone = await removed(ports, entries);
  const left = Object.entries(slot.dns).filter(([id]) => !gone.has(id));
  await slot.save({ dns: left.length === 0 ? undefined : Object.fromEntries(left) });
}

async function removed(
  ports: Pick<FailurePorts, 'dns' | 'clock'>,
  entries: readonly (readonly [string, SlotDnsEntry])[],
): Promise<ReadonlySet<string>> {
  // Taken before the removal: a late publisher might write between the two.
  const now = ports.clock.now();
  try {
    await ports.dns.remove(entries.map(([, entry]) => entry));
  } catch {
    // Cleaning up never fails a run; what is left is settled later.
    return new Set();
  }
  return new Set(entries.filter(([, entry]) => (entry.lateUntil ?? 0) <= now).map(([id]) => id));
}
