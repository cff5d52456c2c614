import { StepFailure } from '../core/failure.ts';
import { isOutvoted } from '../core/outvoted.ts';
import type { MissingRecord, PropagationLook } from '../core/ports.ts';
import type { SlotDnsEntry, SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { InStepWait, Look } from './in-step-wait.ts';
import type { OrderPorts } from './ports.ts';
import { warn } from './warn.ts';

/** After this long without propagation the run fails; no challenge is answered, no failed validation is spent. Milliseconds. */
const PROPAGATION_MS = 30 * 60_000;

/** Answers that a message names one by one. */
const MOST_NAMED = 8;

/** The change is not in sync yet, or what the servers show. */
type Seen = { readonly pending: readonly string[] } | PropagationLook;

/**
 * Whether all authoritative servers show the values now. After 30 minutes servers that say nothing are passed by where most of
 * their zone's others show all; else it throws, naming the servers.
 */
export async function isPropagated(
  ports: OrderPorts,
  slot: HeldSlot,
  order: SlotOrder,
  wait: InStepWait,
): Promise<boolean> {
  const entries = entriesOf(slot, order);
  const changeIds = [...new Set(entries.flatMap(({ changeId }) => (changeId === undefined ? [] : [changeId])))];
  const { over, value: seen } = await wait.until(() => look(ports, entries, changeIds));
  if (over) return goOn(ports, slot, order, seen);
  const since = order.publishedAt ?? order.createdAt;
  if (ports.clock.now() - since <= PROPAGATION_MS) return false;
  const message = `after 30 minutes ${describeSeen(seen)}`;
  if (!('pending' in seen) && isOutvoted(seen)) {
    await warn(ports, slot, order.certificate, { code: 'nameServerSilent', message, notify: true });
    return goOn(ports, slot, order, seen);
  }
  throw new StepFailure({ class: 'reorder', code: 'dnsNotPropagated', message, ca: order.ca.name });
}

/** A server that could not be asked may be one that the CA asks. */
async function goOn(ports: OrderPorts, slot: HeldSlot, order: SlotOrder, seen: Seen): Promise<true> {
  const passedBy = 'passedBy' in seen ? seen.passedBy : [];
  if (passedBy.length > 0) {
    const message = `Name servers with IPv6 only were not asked, since a Lambda reaches none: ${passedBy.join(', ')}.`;
    await warn(ports, slot, order.certificate, { code: 'nameServerPassedBy', message, notify: false });
  }
  return true;
}

async function look(
  ports: OrderPorts,
  entries: readonly SlotDnsEntry[],
  changeIds: readonly string[],
): Promise<Look<Seen>> {
  if (changeIds.length > 0 && !(await ports.dns.inSync(changeIds)))
    return { over: false, value: { pending: changeIds } };
  const seen = await ports.propagation.look(entries);
  return { over: seen.missing.length === 0, value: seen };
}

function describeSeen(seen: Seen): string {
  if (!('pending' in seen)) return describeAll(seen.missing);
  return `the DNS provider has not carried out the changes ${seen.pending.join(', ')}`;
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
