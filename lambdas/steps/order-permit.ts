import type { CaSettings } from '../core/declaration.ts';
import { inParallel } from '../core/in-parallel.ts';
import { emergencyAt } from '../core/ladder.ts';
import type { LimitRow } from '../core/limit-rows.ts';
import { directoryLimitKey, exactSetScope } from '../core/limit-rows.ts';
import type { OrderLimit } from '../core/order-limits.ts';
import { isRenewal, limitsOf, roomAt } from '../core/order-limits.ts';
import type { CertificateRow } from '../core/rows.ts';
import { readLimit } from '../store/limits.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderRun } from './order-run.ts';

/** Limit rows read at the same time. */
const PARALLEL = 10;

/** In an emergency a local estimate, which may be wrong, blocks for so long at most. Milliseconds. */
const EMERGENCY_BLOCK_MS = 3_600_000;

/** An order may be sent: it takes and reserves these limits first, `anyway` also where they have no room. */
export type OrderPermit = {
  readonly limits: readonly OrderLimit[];
  readonly anyway: boolean;
  /** There is no room: only a renewal that the CA exempts by its `replaces` may be sent. */
  readonly unlessExempt?: OrderBlock;
};

/** An order may not be sent: this limit has no room before `at`. */
export type OrderBlock = { readonly limit: OrderLimit; readonly at: number };

/** Looks whether a new order comes within the CA's limits, before anything is made or written for it. */
export async function permitOrder(
  run: OrderRun,
  slot: HeldSlot,
  { declaration }: CertificateRow,
  ca: CaSettings,
): Promise<OrderPermit | OrderBlock> {
  const { ports } = run;
  const now = ports.clock.now();
  const { domains, registeredDomains } = declaration;
  const renews = await isRenewalAt(run, ca, domains);
  const limits = limitsOf({
    ca,
    domains,
    isRenewal: renews,
    ...(registeredDomains === undefined ? {} : { registeredDomains }),
  });
  const worst = await worstOf(run, slot, limits);
  const used = limits.filter(({ use }) => use !== 'ask');
  if (worst === undefined || worst.at <= now) return { limits: used, anyway: false };
  if (mayPassOver(run)) return { limits: used, anyway: true };
  const mayBeExempt = ca.limits?.ariExempt === true && run.role.version !== undefined && isCounted(worst.limit);
  return mayBeExempt ? { limits: [], anyway: false, unlessExempt: worst } : worst;
}

async function isRenewalAt({ ports }: OrderRun, ca: CaSettings, domains: readonly string[]): Promise<boolean> {
  if (ca.limits === undefined) return false;
  const { issuedAt } = await readLimit(ports.table, setKey(ca, domains));
  return isRenewal(ca, issuedAt, ports.clock.now());
}

/** The row that also says when a set of names was issued last. */
export function setKey(ca: CaSettings, domains: readonly string[]): ReturnType<typeof directoryLimitKey> {
  return directoryLimitKey(ca, 'certificatesPerExactSet', exactSetScope(domains));
}

/** The limit that has room last: to wait for an earlier one would be in vain. What the slot holds already needs no room. */
async function worstOf(
  { ports }: OrderRun,
  slot: HeldSlot,
  limits: readonly OrderLimit[],
): Promise<OrderBlock | undefined> {
  const asked = limits.filter(({ key }) => slot.holdOf(key) === undefined);
  const blocks: OrderBlock[] = [];
  await inParallel(asked, PARALLEL, async (limit) => {
    const row: LimitRow = await readLimit(ports.table, limit.key);
    blocks.push({ limit, at: roomAt(limit, row) });
  });
  return blocks.sort((a, b) => b.at - a.at)[0];
}

/** What the CA itself has asked for holds for every request. */
function isCounted({ kind }: OrderLimit): boolean {
  return kind !== 'requests';
}

/** The emergency has waited for its hour: the CA itself is asked. */
function mayPassOver(run: OrderRun): boolean {
  return run.ports.clock.now() >= blockEnd(run);
}

/** No local estimate blocks beyond this instant without another look. */
export function blockEnd({ role, ports }: OrderRun): number {
  const now = ports.clock.now();
  const emergency = emergencyAt(role);
  if (now < emergency) return emergency;
  return Math.max(emergency, role.limited?.since ?? now) + EMERGENCY_BLOCK_MS;
}
