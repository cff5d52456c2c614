import { StepFailure } from '../core/failure.ts';
import type { MissingRecord } from '../core/ports.ts';
import type { SlotDnsEntry, SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { InStepWait, Look } from './in-step-wait.ts';
import type { OrderPorts } from './ports.ts';

/** After this long without propagation the run fails; no challenge is answered, no failed validation is spent. Milliseconds. */
const PROPAGATION_MS = 30 * 60_000;

/** Answers that a message names one by one. */
const MOST_NAMED = 8;

/** Whether all authoritative servers show the values now; throws after 30 minutes, naming the servers. */
export async function isPropagated(
  ports: OrderPorts,
  slot: HeldSlot,
  order: SlotOrder,
  wait: InStepWait,
): Promise<boolean> {
  const entries = entriesOf(slot, order);
  const changeIds = [...new Set(entries.flatMap(({ changeId }) => (changeId === undefined ? [] : [changeId])))];
  const found = await wait.until<string | undefined>(() => look(ports, entries, changeIds));
  if (found.over) return true;
  const since = order.publishedAt ?? order.createdAt;
  if (ports.clock.now() - since <= PROPAGATION_MS) return false;
  throw new StepFailure({
    class: 'reorder',
    code: 'dnsNotPropagated',
    message: `after 30 minutes ${found.value ?? ''}`,
    ca: order.ca.name,
  });
}

async function look(
  ports: OrderPorts,
  entries: readonly SlotDnsEntry[],
  changeIds: readonly string[],
): Promise<Look<string | undefined>> {
  if (changeIds.length > 0 && !(await ports.dns.inSync(changeIds))) {
    return { over: false, value: `the DNS provider has not carried out the changes ${changeIds.join(', ')}` };
  }
  const missing = await ports.propagation.missing(entries);
  return missing.length === 0 ? { over: true, value: undefined } : { over: false, value: describeAll(missing) };
}

function describeAll(missing: readonly MissingRecord[]): string {
  const named = missing.slice(0, MOST_NAMED).map(describe).join('; ');
  return missing.length <= MOST_NAMED ? named : `${named}; and ${missing.length - MOST_NAMED} more`;
}

function describe({ name, value, server, saw }: MissingRecord): string {
  return `name server ${server} does not show the TXT value ${value} at ${name} (it shows ${saw})`;
}

function entriesOf(slot: HeldSlot, order: SlotOrder): readonly SlotDnsEntry[] {
  return (order.challenges ?? []).flatMap(({ dnsId }) => {
    const entry = slot.dns[dnsId];
    return entry === undefined ? [] : [entry];
  });
}
