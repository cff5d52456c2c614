import { AcmeError } from '../acme/error.ts';
import type { AcmeAuthorization } from '../acme/objects.ts';
import type { AcmeSession } from '../acme/session.ts';
import { sha256Hex } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import { inParallel } from '../core/in-parallel.ts';
import { knownAuthorizationStatus } from '../core/order-status.ts';
import type { ChallengeRecord, Publication } from '../core/ports.ts';
import type { OrderChallenge, SlotDnsEntry, SlotOrder } from '../core/rows.ts';
import { chooseChallenge } from './choose-challenge.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPorts } from './ports.ts';
import { tellAuthorization } from './tell-authorization.ts';
import { warn } from './warn.ts';

/** A challenge with the record that answers it. */
type Prepared = { readonly challenge: OrderChallenge; readonly pending: boolean; readonly entry: SlotDnsEntry };

/** An authorization as read: `open` when its status is unknown or impossible, and it is read again. */
type Read = {
  readonly authorization: AcmeAuthorization;
  readonly open: boolean;
  readonly prepared?: Prepared;
};

/** Authorizations read at the same time: a hundred names fit into one invocation also at a slow CA. */
const PARALLEL = 10;

/**
 * Reads the authorizations, enters the TXT values of the pending ones into the slot, publishes them (all of a zone in one
 * batch) and confirms. The order of these writes is what lets anybody clean up after a crash at any point.
 */
export async function publishChallenges(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
): Promise<void> {
  const read = await readAll(ports, slot, session, order);
  const prepared = read.flatMap((each) => (each.prepared === undefined ? [] : [each.prepared]));
  const entries = Object.fromEntries(prepared.map(({ challenge, entry }) => [challenge.dnsId, entry]));
  const before = slot.dns;
  await slot.save({ order: withChallenges(order, read, prepared), dns: { ...before, ...entries } });
  if (prepared.length === 0) return;
  await publish(ports, slot, entries, before);
}

function withChallenges(order: SlotOrder, read: readonly Read[], prepared: readonly Prepared[]): SlotOrder {
  const { challengesAnsweredAt: before, authorizationsOpen: _open, authorizationsExpire: _ends, ...rest } = order;
  const answeredAt = prepared.every(({ pending }) => !pending) ? before : undefined;
  const ends = read.flatMap(({ prepared: waiting, authorization }) =>
    waiting === undefined || authorization.expires === undefined ? [] : [authorization.expires],
  );
  return {
    ...rest,
    challenges: prepared.map(({ challenge }) => challenge),
    authorizationStatuses: read.map(({ authorization }) => authorization.status.slice(0, 40)),
    ...(answeredAt === undefined ? {} : { challengesAnsweredAt: answeredAt }),
    ...(ends.length === 0 ? {} : { authorizationsExpire: Math.min(...ends) }),
    ...(read.some(({ open }) => open) ? { authorizationsOpen: true } : {}),
  };
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
  const dns = { ...slot.dns, ...Object.fromEntries(confirmed) };
  if (slot.order === undefined) return slot.save({ dns });
  const { propagatedAt: _earlier, ...order } = slot.order;
  await slot.save({ dns, order: { ...order, publishedAt: now } });
  await warnOfTtl(ports, slot, order.certificate, publications);
}

/** The set's own TTL is left to those whose values are in it; a resolver of the CA may show the set as it was for so long. */
async function warnOfTtl(
  ports: OrderPorts,
  slot: HeldSlot,
  certificate: string,
  publications: readonly Publication[],
): Promise<void> {
  const long = publications.flatMap(({ record, foreignTtl }) =>
    foreignTtl === undefined ? [] : [`${record.name} (${foreignTtl} s)`],
  );
  if (long.length === 0) return;
  const message = `TXT record sets that hold values of others have a long TTL, so that caches may show them as they were: ${[...new Set(long)].join(', ')}. Lower it to 60 s, or remove values that nobody needs.`;
  await warn(ports, slot, certificate, { code: 'foreignTtl', message, notify: false });
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

function readAll(ports: OrderPorts, slot: HeldSlot, session: AcmeSession, order: SlotOrder): Promise<readonly Read[]> {
  return inParallel([...(order.authorizations ?? []).entries()], PARALLEL, async ([index, url]): Promise<Read> => {
    const authorization = await readAuthorization(slot, session, url, order.ca.name);
    const transition = tellAuthorization(slot, index, authorization);
    const open = knownAuthorizationStatus(authorization.status) === undefined || transition === 'impossible';
    if (open || authorization.status === 'valid') return { authorization, open };
    return { authorization, open, prepared: await prepare(ports, session, authorization, order) };
  });
}

/** An authorization that cannot be found any more takes its order with it (RFC 8555 section 7.1.6). */
async function readAuthorization(
  slot: HeldSlot,
  session: AcmeSession,
  url: string,
  ca: string,
): Promise<AcmeAuthorization> {
  try {
    return await session.authorization(url);
  } catch (error) {
    if (!(error instanceof AcmeError && [403, 404, 410].includes(error.answer.status))) throw error;
    slot.history.refused(error);
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
  const { url, status, token } = chooseChallenge(authorization, order);
  const value = await session.challengeValue(token);
  const location = await ports.dns.locate(`_acme-challenge.${authorization.domain}`);
  const dnsId = sha256Hex(JSON.stringify([location.name, value])).slice(0, 24);
  return {
    challenge: { authorizationUrl: authorization.url, url, dnsId, status },
    pending: status === 'pending',
    entry: { name: location.name, value, zoneId: location.zoneId, lateUntil: ports.deadline },
  };
}
