import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { inParallel } from '../core/in-parallel.ts';
import { intentClosesAt } from '../core/intent.ts';
import type { SlotOrder } from '../core/rows.ts';
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

/** Challenges answered at the same time. */
const PARALLEL = 10;

/** PollOrder: waits for DNS, answers the challenges once, reads the order until it is no longer on its way. */
export function pollOrder(event: StepEvent, ports: OrderPorts): Promise<OrderStepResult> {
  return onSlot(event, ports, async (run, slot) => {
    const { order } = slot;
    if (order === undefined) return resultOf(run, 'reorder', slot);
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
    await answerChallenges(run.ports, slot, session, order);
    await wait.sleep();
  }
  const url = order.url ?? '';
  const found = await wait.until(() => lookAtOrder(run.ports, slot, session, url));
  return followSeen(run, slot, session, found.value, 'pollOrder');
}

function mustAnswer(order: SlotOrder): boolean {
  return order.challengesAnsweredAt === undefined && (order.challenges ?? []).length > 0;
}

/** Tells the CA that each challenge may be validated (RFC 8555 section 7.5.1). */
async function answerChallenges(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
): Promise<void> {
  await inParallel(order.challenges ?? [], PARALLEL, (challenge) =>
    answerOnce(session, challenge.url, challenge.authorizationUrl),
  );
  if (slot.order !== undefined) await slot.save({ order: { ...slot.order, challengesAnsweredAt: ports.clock.now() } });
}

/** A refused or lost answer is settled by reading: what the CA has begun to validate was answered before. */
async function answerOnce(session: AcmeSession, url: string, authorizationUrl: string): Promise<void> {
  try {
    await session.answerChallenge(url);
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    const authorization = await session.authorization(authorizationUrl);
    const challenge = authorization.challenges.find((candidate) => candidate.url === url);
    if (authorization.status === 'pending' && challenge?.status === 'pending') throw repeatable(error);
  }
}
