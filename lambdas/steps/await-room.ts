import { hasAlternative } from '../core/choose-ca.ts';
import type { CaSettings } from '../core/declaration.ts';
import { isEmergency } from '../core/ladder.ts';
import type { LimitWait } from '../core/limit-uses.ts';
import type { CertificateRow, RoleRow } from '../core/rows.ts';
import { MAX_RETRY_AFTER_MS } from '../core/waiting.ts';
import { bookPlace } from '../store/limits.ts';
import { parseRole } from '../store/parse.ts';
import { giveRunBack } from '../store/run-end.ts';
import { failureChanges } from './failure-changes.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderBlock } from './order-permit.ts';
import { blockEnd } from './order-permit.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf } from './order-run.ts';
import { publishOutbox } from './outbox.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/**
 * Ends a run whose order has no room in a CA's limits: due again when it has, the try given back, no failure; another CA has its
 * turn where that comes too late. In an emergency it is a failure and is told.
 */
export async function awaitRoom(
  run: OrderRun,
  slot: HeldSlot,
  certificate: CertificateRow,
  ca: CaSettings,
  block: OrderBlock,
): Promise<OrderStepResult> {
  const { ports, role, input } = run;
  const now = ports.clock.now();
  const isUrgent = isEmergency(role, now);
  const blocked = blockedAt(role, ca, block.at);
  const isPassedOver = hasAlternative(certificate.declaration, blocked, ca.name, now);
  const until = isPassedOver ? now + MINUTE_MS : Math.min(await placeOf(run, block), blockEnd(run));
  const limited = waitOf(run, ca, block, until);
  const own = { ...role, startSeq: input.startSeq };
  if (isUrgent) {
    const told = failureChanges(ports, role, certificate, detailOf(ca, limited, block.at), until);
    const written = await giveRunBack(ports.table, own, until, { ...told, limited });
    if (written !== undefined) await publishOutbox(ports, parseRole(written));
  } else
    await giveRunBack(ports.table, own, until, {
      limited,
      caFailures: isPassedOver ? blocked.caFailures : role.caFailures,
    });
  await slot.release();
  return resultOf(run, 'parked', slot);
}

/** The role as it will be once this block is recorded: whether another CA has its turn is asked of that. */
function blockedAt(role: RoleRow, ca: CaSettings, retryAt: number): RoleRow {
  const count = role.caFailures?.[ca.name]?.count ?? 0;
  return { ...role, caFailures: { ...role.caFailures, [ca.name]: { class: 'later', count, retryAt } } };
}

function waitOf({ role, ports }: OrderRun, ca: CaSettings, { limit }: OrderBlock, until: number): LimitWait {
  const { kind, scope } = limit;
  return { kind, scope, ca: ca.name, since: role.limited?.since ?? ports.clock.now(), until };
}

/** Those that wait for the same limit come back one after the other, each when there should be room for it. */
async function placeOf({ ports, role }: OrderRun, { limit, at }: OrderBlock): Promise<number> {
  const now = ports.clock.now();
  const latest = now + MAX_RETRY_AFTER_MS;
  if (limit.limit === undefined || limit.use === 'ask') return Math.min(latest, at + MINUTE_MS * ports.random());
  // Who had a place already must not go to the end of the queue for having come some seconds too early.
  const queue = role.limited?.kind === limit.kind ? 'againUntil' : 'bookedUntil';
  const place = await bookPlace(ports.table, limit.key, limit.limit, queue, { from: at, latest, now });
  return place ?? latest - DAY_MS * ports.random();
}

function detailOf(ca: CaSettings, { kind, scope }: LimitWait, at: number) {
  const where = scope === '' ? '' : ` for ${scope}`;
  const message = `${ca.name} has no room in its limit ${kind}${where} before ${new Date(at).toISOString()}`;
  return { class: 'later', code: 'localLimit', message, ca: ca.name } as const;
}
