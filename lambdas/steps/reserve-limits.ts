import type { CaSettings } from '../core/declaration.ts';
import { inParallel } from '../core/in-parallel.ts';
import { accountLimitKey, authorizedNames } from '../core/limit-rows.ts';
import type { LimitHold } from '../core/limit-uses.ts';
import type { OrderLimit } from '../core/order-limits.ts';
import { intervalMs } from '../core/rate-limits.ts';
import type { SlotOrder } from '../core/rows.ts';
import { countOne, holdOne, noteIssuance, resetLimit, returnHold, spendHold, takeOne } from '../store/limits.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPermit } from './order-permit.ts';
import { setKey } from './order-permit.ts';
import type { BasePorts } from './ports.ts';

type LimitPorts = Pick<BasePorts, 'table' | 'clock'>;

/** Limit rows written at the same time. */
const PARALLEL = 10;

/** The reservations of an order, to be listed in its slot before they are made; those that it has already stay. */
export function holdsFor(slot: HeldSlot, { limits }: OrderPermit, id: string): readonly LimitHold[] {
  const added = limits.flatMap(({ key, limit, use }): LimitHold[] => {
    const isListed = slot.holdOf(key) !== undefined;
    return use !== 'hold' || limit === undefined || isListed ? [] : [{ ...key, id, intervalMs: intervalMs(limit) }];
  });
  return [...slot.limits, ...added];
}

/** Reserves what the slot lists and takes what the order itself costs; whether there was room for all of it. */
export async function reserveLimits(ports: LimitPorts, slot: HeldSlot, permit: OrderPermit): Promise<boolean> {
  for (const limit of permit.limits.filter(({ use }) => use === 'hold'))
    if (!(await hold(ports, slot, limit, permit.anyway))) return false;
  for (const { key, limit, use } of permit.limits) {
    if (use !== 'take' || limit === undefined) continue;
    const now = ports.clock.now();
    if (permit.anyway) await countOne(ports.table, key, limit, now);
    else if (!(await takeOne(ports.table, key, limit, now))) return false;
  }
  return true;
}

async function hold(ports: LimitPorts, slot: HeldSlot, { key, limit }: OrderLimit, anyway: boolean): Promise<boolean> {
  const listed = slot.holdOf(key);
  if (limit === undefined || listed === undefined) return true;
  return holdOne(ports.table, key, limit, { id: listed.id, now: ports.clock.now(), anyway });
}

/** Returns what was reserved for an order that will not be issued. May be repeated. */
export async function returnLimits(ports: LimitPorts, slot: HeldSlot): Promise<void> {
  if (slot.limits.length === 0 || slot.order !== undefined) return;
  for (const each of slot.limits) await returnHold(ports.table, each, ports.clock.now());
  await slot.save({ limits: undefined });
}

/** A certificate was issued: what was reserved for it is spent. May be repeated. */
export async function spendLimits(ports: LimitPorts, slot: HeldSlot, { ca, domains }: SlotOrder): Promise<void> {
  const now = ports.clock.now();
  for (const each of slot.limits) await spendHold(ports.table, each, now);
  if (ca.limits === undefined) return;
  const key = setKey(ca, domains);
  const { certificatesPerExactSet, consecutiveFailures } = ca.limits;
  // What was free of the limits counts against them all the same.
  const isCounted = slot.holdOf(key) !== undefined;
  if (certificatesPerExactSet !== undefined && !isCounted)
    await countOne(ports.table, key, certificatesPerExactSet, now);
  await noteIssuance(ports.table, key, now);
  if (consecutiveFailures === undefined) return;
  await inParallel(authorizedNames(domains), PARALLEL, (name) =>
    resetLimit(ports.table, accountLimitKey(ca, 'consecutiveFailures', name)),
  );
}

/** Authorizations of these names have failed: it has happened, so it is counted whether it fits or not. */
export async function countFailures(ports: LimitPorts, ca: CaSettings, names: readonly string[]): Promise<void> {
  const now = ports.clock.now();
  for (const kind of ['failedAuthorizations', 'consecutiveFailures'] as const) {
    const limit = ca.limits?.[kind];
    if (limit === undefined) continue;
    await inParallel(authorizedNames(names), PARALLEL, (name) =>
      countOne(ports.table, accountLimitKey(ca, kind, name), limit, now),
    );
  }
}
