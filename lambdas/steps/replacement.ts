import type { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import { certIdOf } from '../core/cert-id.ts';
import type { CaSettings, CertificateDeclaration } from '../core/declaration.ts';
import type { Log } from '../core/log.ts';
import type { AcmeAnswer } from '../core/problem.ts';
import type { RoleRow, SlotOrder, VersionRow } from '../core/rows.ts';
import { readAri } from '../store/ari.ts';
import { readVersion } from '../store/certificates.ts';
import { UnreadableRowError } from '../store/parse.ts';
import type { OrderRun } from './order-run.ts';

/** What an order says of the certificate that it renews. */
export type Replacement = Pick<SlotOrder, 'replaces' | 'ariWindow'>;

/**
 * What the next order may say that it replaces (RFC 9773 section 5): the role's version, if this account at this CA issued
 * it, the two have a name in common, the CA knows renewalInfo, and it has not refused that before.
 */
export async function replacementFor(
  run: OrderRun,
  session: AcmeSession,
  declaration: CertificateDeclaration,
  ca: CaSettings,
  refused: string | undefined,
): Promise<Replacement> {
  const predecessor = await unlessUnreadable(() => predecessorOf(run));
  if (predecessor === undefined || !isOfAccount(predecessor, ca, session.accountUrl())) return {};
  if (!predecessor.domains.some((name) => declaration.domains.includes(name))) return {};
  const replaces = certIdOf(predecessor.chainPem);
  if (replaces === undefined || replaces === refused || !(await session.listsRenewalInfo())) return {};
  const ari = await unlessUnreadable(() => readAri(run.ports.table, predecessor.certificate));
  const ariWindow = ari?.version === predecessor.sha256 ? ari.window : undefined;
  return { replaces, ...(ariWindow === undefined ? {} : { ariWindow }) };
}

const ABOUT_OTHER_THINGS: readonly string[] = ['badNonce', 'rateLimited', 'accountDoesNotExist'];

/**
 * Whether an answer to newOrder may be about its `replaces`: Let's Encrypt refuses one with 400, 403, 404 and 409, Pebble
 * with 500. A nonce, a limit or a lost account is about something else.
 */
export function mayRefuseReplaces({ status, problem }: AcmeAnswer): boolean {
  if (status === 500) return true;
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  return isRefusal && !ABOUT_OTHER_THINGS.includes(problem?.type ?? '');
}

/** The order with this predecessor and no other: a draft may be another certificate's, or older than the role's version. */
export function replacing({ replaces: _, ariWindow: __, ...order }: SlotOrder, replacement: Replacement): SlotOrder {
  return { ...order, ...replacement };
}

/** The order after its `replaces` was refused. Its exemption from limits is lost. */
export function withoutReplaces(order: SlotOrder): SlotOrder {
  const { replaces } = order;
  return { ...replacing(order, {}), ...(replaces === undefined ? {} : { replacesRefused: replaces }) };
}

/** Information, no alarm: the order is placed all the same. */
export function noteRefusal(log: Log, { ca, replaces }: SlotOrder, { message }: AcmeError): void {
  const said = `replaces ${replaces} was refused; the order is sent once more without it. ${message}`;
  log.write({ event: 'note', message: said, code: 'replacesLeftOut', ca: ca.name });
}

function predecessorOf({ ports, role }: OrderRun): Promise<VersionRow | undefined> {
  const { certificate, version }: RoleRow = role;
  return version === undefined ? Promise.resolve(undefined) : readVersion(ports.table, certificate, version);
}

function isOfAccount({ account }: VersionRow, ca: CaSettings, accountUrl: string): boolean {
  return account?.directoryUrl === ca.directoryUrl && account.label === ca.accountLabel && account.url === accountUrl;
}

/** What cannot be read is not said; the order is placed all the same. */
async function unlessUnreadable<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnreadableRowError) return undefined;
    throw error;
  }
}
