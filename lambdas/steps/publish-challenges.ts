import { AcmeError } from '../acme/error.ts';
import type { AcmeAuthorization, AcmeChallenge, AcmeSession } from '../acme/session.ts';
import { sha256Hex } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { ChallengeRecord } from '../core/ports.ts';
import type { OrderChallenge, SlotDnsEntry, SlotOrder } from '../core/rows.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPorts } from './ports.ts';

/** A challenge with the record that answers it. */
type Prepared = { readonly challenge: OrderChallenge; readonly pending: boolean; readonly entry: SlotDnsEntry };

/** Authorizations read at the same time: a hundred names fit into one invocation also at a slow CA. */
const PARALLEL = 10;

/** RFC 8555 section 8.4: a base64url token, here bounded because it goes into DNS. */
const TOKEN = /^[A-Za-z0-9_-]{16,256}$/;

/**
 * Reads the pending authorizations, enters their TXT values into the slot, publishes them (all of a zone in one batch) and
 * confirms. The order of these writes is what lets anybody clean up after a crash at any point.
 */
export async function publishChallenges(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
): Promise<void> {
  const prepared = await prepareAll(ports, session, order);
  const entries = Object.fromEntries(prepared.map(({ challenge, entry }) => [challenge.dnsId, entry]));
  const challenges = prepared.map(({ challenge }) => challenge);
  const answered = prepared.every(({ pending }) => !pending) ? order.challengesAnsweredAt : undefined;
  const before = slot.dns;
  await slot.save({ order: withChallenges(order, challenges, answered), dns: { ...before, ...entries } });
  if (prepared.length === 0) return;
  await publish(ports, slot, entries, before);
}

function withChallenges(
  order: SlotOrder,
  challenges: readonly OrderChallenge[],
  answeredAt: number | undefined,
): SlotOrder {
  const { challengesAnsweredAt: _before, ...rest } = order;
  return { ...rest, challenges, ...(answeredAt === undefined ? {} : { challengesAnsweredAt: answeredAt }) };
}

async function publish(
  ports: OrderPorts,
  slot: HeldSlot,
  entries: Readonly<Record<string, SlotDnsEntry>>,
  before: Readonly<Record<string, SlotDnsEntry>>,
): Promise<void> {
  const publications = await ports.dns.publish(Object.values(entries));
  const now = ports.clock.now();
  const confirmed = Object.entries(entries).map(([id, entry]) => {
    const isIt = ({ record }: { record: ChallengeRecord }): boolean =>
      record.name === entry.name && record.value === entry.value;
    return [id, confirm(entry, before[id]?.lateUntil, publications.find(isIt)?.changeId, now)];
  });
  const order = slot.order;
  await slot.save({
    dns: { ...slot.dns, ...Object.fromEntries(confirmed) },
    ...(order === undefined ? {} : { order: { ...order, publishedAt: now } }),
  });
}

/** Ends the doubt about this publisher; an earlier one that has not confirmed may still write until its own deadline. */
function confirm(
  { lateUntil: _own, ...entry }: SlotDnsEntry,
  earlier: number | undefined,
  changeId: string | undefined,
  now: number,
): SlotDnsEntry {
  const doubt = earlier !== undefined && earlier > now ? { lateUntil: earlier } : {};
  return { ...entry, ...doubt, ...(changeId === undefined ? {} : { changeId }) };
}

async function prepareAll(ports: OrderPorts, session: AcmeSession, order: SlotOrder): Promise<readonly Prepared[]> {
  const prepared = await inParallel(order.authorizations ?? [], PARALLEL, async (url) => {
    const authorization = await readAuthorization(session, url, order.ca.name);
    return authorization.status === 'valid' ? [] : [await prepare(ports, session, authorization, order)];
  });
  return prepared.flat();
}

/** An authorization that cannot be found any more takes its order with it (RFC 8555 section 7.1.6). */
async function readAuthorization(session: AcmeSession, url: string, ca: string): Promise<AcmeAuthorization> {
  try {
    return await session.authorization(url);
  } catch (error) {
    if (!(error instanceof AcmeError && [403, 404, 410].includes(error.answer.status))) throw error;
    const message = `${error.message}: an authorization of the order is gone; a new order is needed`;
    throw new StepFailure({ class: 'reorder', code: 'authorizationLost', message, ca }, { cause: error });
  }
}

async function prepare(
  ports: OrderPorts,
  session: AcmeSession,
  authorization: AcmeAuthorization,
  order: SlotOrder,
): Promise<Prepared> {
  const challenge = dnsChallengeOf(authorization, order);
  const value = await session.challengeValue(challenge.token);
  const location = await ports.dns.locate(`_acme-challenge.${authorization.domain}`);
  const dnsId = sha256Hex(JSON.stringify([location.name, value])).slice(0, 24);
  return {
    challenge: { authorizationUrl: authorization.url, url: challenge.url, dnsId },
    pending: challenge.status === 'pending',
    entry: { name: location.name, value, zoneId: location.zoneId, lateUntil: ports.deadline },
  };
}

function dnsChallengeOf(authorization: AcmeAuthorization, { ca }: SlotOrder): AcmeChallenge {
  const { domain, status, challenges } = authorization;
  if (status !== 'pending') throw lostAuthorization(authorization, ca.name);
  const challenge = challenges.find(({ type }) => type === 'dns-01');
  if (challenge === undefined) throw notOffered(domain, challenges, ca.name);
  if (challenge.status === 'invalid') throw lostAuthorization(authorization, ca.name);
  if (!TOKEN.test(challenge.token)) throw badToken(domain, challenge.token, ca.name);
  return challenge;
}

function lostAuthorization({ domain, status }: AcmeAuthorization, ca: string): StepFailure {
  const message = `${ca}: the authorization of ${domain} is ${status} with a challenge that cannot be answered; a new order is needed`;
  return new StepFailure({ class: 'reorder', code: 'authorizationLost', message, ca });
}

function notOffered(domain: string, challenges: readonly AcmeChallenge[], ca: string): StepFailure {
  const offered = challenges.map(({ type }) => type).join(', ') || 'nothing';
  const message = `${ca} offers ${offered} for ${domain}, but no dns-01; choose a CA that offers dns-01 for it`;
  return new StepFailure({ class: 'person', code: 'dns01NotOffered', message, ca });
}

function badToken(domain: string, token: string, ca: string): StepFailure {
  const message = `${ca} sent a challenge token for ${domain} that is no base64url text of 16 to 256 characters: "${token.slice(0, 40)}"`;
  return new StepFailure({ class: 'caSide', code: 'badToken', message, ca });
}
