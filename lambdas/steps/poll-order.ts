import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { inParallel } from '../core/in-parallel.ts';
import { intentClosesAt } from '../core/intent.ts';
import type { OrderChallenge, SlotOrder } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { isPropagated } from './await-propagation.ts';
import { withSession } from './ca-session.ts';
import { repeatable } from './failures.ts';
import { followSeen } from './follow-order.ts';
import type { HeldSlot } from './held-slot.ts';
import { InStepWait } from './in-step-wait.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf, waitOrPark } from './order-run.ts';
import { onSlot } from './order-step.ts';
import type { OrderPorts } from './ports.ts';
import { lookAtOrder } from './read-order.ts';
import { tellAuthorization, tellChallenge } from './tell-authorization.ts';

/** Challenges answered at the same time. */
const PARALLEL = 10;

/** For so long after a failure at a remote perspective, challenges are answered only so long after propagation. Milliseconds. */
const PATIENT_MS = 7 * 24 * 3_600_000;
const SETTLING_MS = 5 * 60_000;

/** PollOrder: waits for DNS, answers the challenges once, reads the order until it is no longer on its way. */
export function pollOrder(event: StepEvent, ports: OrderPorts): Promise<OrderStepResult> {
  return onSlot(event, ports, 'pollOrder', async (run, slot, order) => {
    if (order.url === undefined) return pollUnanswered(run, slot, order);
    return withSession(ports, order.ca, run.nonce, (session) => poll(run, slot, session, order));
  });
}

/** newOrder was sent and its answer is not known: CreateOrder sends again once the first cannot arrive any more. */
async function pollUnanswered(run: OrderRun, slot: HeldSlot, { newOrderIntent }: SlotOrder): Promise<OrderStepResult> {
  const closesAt = newOrderIntent === undefined ? 0 : intentClosesAt(newOrderIntent);
  if (run.ports.clock.now() < closesAt) return waitOrPark(run, slot, 'pending', closesAt);
  return resultOf(run, 'reorder', slot);
}

async function poll(run: OrderRun, slot: HeldSlot, session: AcmeSession, order: SlotOrder): Promise<OrderStepResult> {
  const wait = new InStepWait(run.ports);
  if (mustAnswer(order)) {
    if (!(await isPropagated(run.ports, slot, order, wait))) return waitOrPark(run, slot, 'pending');
    const notBefore = await settledAt(run.ports, slot);
    if (run.ports.clock.now() < notBefore) return waitOrPark(run, slot, 'pending', notBefore);
    await answerChallenges(run.ports, slot, session, slot.order ?? order);
    await wait.sleep();
  }
  const url = order.url ?? '';
  const found = await wait.until(() => lookAtOrder(run.ports, slot, session, url));
  return followSeen(run, slot, session, found.value, 'pollOrder');
}

function mustAnswer(order: SlotOrder): boolean {
  return order.challengesAnsweredAt === undefined && (order.challenges ?? []).length > 0;
}

/**
 * From when on challenges may be answered although all name servers show the values: at once, but some minutes later where a
 * remote perspective of the CA has lately seen other answers than we did, since propagation differs by vantage point.
 */
async function settledAt(ports: OrderPorts, slot: HeldSlot): Promise<number> {
  const now = ports.clock.now();
  const failedAt = slot.lease.slot.secondaryFailedAt;
  if (failedAt === undefined || now - failedAt > PATIENT_MS || slot.order === undefined) return 0;
  const since = slot.order.propagatedAt ?? now;
  if (slot.order.propagatedAt === undefined) await slot.save({ order: { ...slot.order, propagatedAt: since } });
  return since + SETTLING_MS;
}

/** Tells the CA that each challenge may be validated (RFC 8555 section 7.5.1). */
async function answerChallenges(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
): Promise<void> {
  const challenges = await inParallel(order.challenges ?? [], PARALLEL, async (challenge) => {
    const status = await answerOnce(slot, session, challenge);
    return status === undefined ? challenge : { ...challenge, status };
  });
  if (slot.order === undefined) return;
  await slot.save({ order: { ...slot.order, challenges, challengesAnsweredAt: ports.clock.now() } });
}

/**
 * The challenge's status after it was answered. A refused or lost answer is settled by reading: what the CA has begun to
 * validate was answered before.
 */
async function answerOnce(
  slot: HeldSlot,
  session: AcmeSession,
  { url, authorizationUrl }: OrderChallenge,
): Promise<string | undefined> {
  try {
    const seen = await session.answerChallenge(url);
    tellChallenge(slot, { url, status: seen.status }, 'challenge', seen);
    return seen.status;
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    slot.history.refused(error);
    const authorization = await session.authorization(authorizationUrl);
    tellAuthorization(slot, (slot.order?.authorizations ?? []).indexOf(authorizationUrl), authorization);
    const challenge = authorization.challenges.find((candidate) => candidate.url === url);
    if (authorization.status === 'pending' && challenge?.status === 'pending') throw repeatable(error);
    return challenge?.status;
  }
}
