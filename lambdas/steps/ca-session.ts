import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import type { CaSettings } from '../core/declaration.ts';
import { registeredAgainMessage } from '../core/messages.ts';
import type { AccountRow } from '../core/rows.ts';
import { forgetAccountUrl, saveAccountUrl, saveDirectory } from '../store/accounts.ts';
import { strikeMessage } from '../store/outbox.ts';
import { accountAt, withAnotherKey } from './account-key.ts';
import { judgeFirstContact } from './first-contact.ts';
import { learning } from './learn-limit.ts';
import { withMessages } from './outbox.ts';
import type { OrderPorts } from './ports.ts';
import { registerAccount } from './register-account.ts';

/** A directory object is read again after this long (RFC 8555 names no lifetime). Milliseconds. */
const DIRECTORY_MS = 3_600_000;

/** Requests end this long before the Lambda does, so that what they led to can still be stored. Milliseconds. */
const STORE_MARGIN_MS = 5_000;

/**
 * Works in the name of the one account at a CA: its key is the first one offered, and any run may register it. The nonce
 * that the step before handed over is used up first.
 */
export async function withSession<T>(
  ports: OrderPorts,
  ca: CaSettings,
  nonce: string,
  work: (session: AcmeSession) => Promise<T>,
): Promise<T> {
  const account = await accountAt(ports, ca);
  await publishAccount(ports, account);
  ports.acme.giveNonce(ca.directoryUrl, nonce);
  let session = await openSession(ports, ca, account);
  try {
    if (account.url === undefined) session = await registered(ports, ca, account, session);
    return await work(session);
  } catch (error) {
    if (error instanceof AcmeError) await forgetUnknownAccount(ports, account, error);
    throw judgeFirstContact(error, ca, account);
  } finally {
    await keepDirectory(ports, account, session);
  }
}

async function openSession(ports: OrderPorts, ca: CaSettings, account: AccountRow): Promise<AcmeSession> {
  const keyPem = await ports.vault.open(account.sealedKey);
  const deadline = ports.deadline - STORE_MARGIN_MS;
  const directory = freshDirectory(account, ports.clock.now());
  const { url } = account;
  return ports.acme.open(
    { ca, keyPem, ...(url === undefined ? {} : { url }), ...(directory === undefined ? {} : { directory }) },
    deadline,
  );
}

/** The session once its account is registered; one with another key where the CA takes no signature of this one. */
async function registered(
  ports: OrderPorts,
  ca: CaSettings,
  account: AccountRow,
  session: AcmeSession,
): Promise<AcmeSession> {
  try {
    const url = await learning(ports, ca, [], () => registerAccount(ports, ca, session));
    await keepAccountUrl(ports, ca, account, url);
    return session;
  } catch (error) {
    const other = await withAnotherKey(ports, ca, account, error);
    if (other === undefined) throw error;
    const again = await openSession(ports, ca, other);
    await keepAccountUrl(ports, ca, other, await registerAccount(ports, ca, again));
    return again;
  }
}

/** A CA that had lost the account has a new one now: told by the run that stores it first. */
async function keepAccountUrl(ports: OrderPorts, ca: CaSettings, account: AccountRow, url: string): Promise<void> {
  const { lostUrl } = account;
  const isNews = lostUrl !== undefined && lostUrl !== url;
  const news = isNews ? [registeredAgainMessage(ca.name, lostUrl, url, ports.clock.now())] : [];
  const written = await saveAccountUrl(ports.table, account, url, withMessages(account.outbox, news));
  if (written !== undefined) await publishAccount(ports, written);
}

/** An account is no due row: what could not be published now is published by the next session. */
async function publishAccount({ alerts, table }: OrderPorts, account: AccountRow): Promise<void> {
  for (const message of Object.values(account.outbox ?? {})) {
    const published = alerts.publish(message).then(() => strikeMessage(table, account, message.id));
    await published.catch(() => undefined);
  }
}

function freshDirectory(account: AccountRow, now: number): AccountRow['directory'] {
  const age = now - (account.directoryAt ?? 0);
  return age >= 0 && age < DIRECTORY_MS ? account.directory : undefined;
}

/** The CA lost the account: the same key registers again at the next try. */
async function forgetUnknownAccount(ports: OrderPorts, account: AccountRow, error: AcmeError): Promise<void> {
  if (error.answer.problem?.type !== 'accountDoesNotExist') return;
  if (account.url !== undefined) await forgetAccountUrl(ports.table, account, account.url);
}

async function keepDirectory(ports: OrderPorts, account: AccountRow, session: AcmeSession): Promise<void> {
  const directory = session.directory();
  if (directory === undefined || freshDirectory(account, ports.clock.now()) !== undefined) return;
  // A saved request, no more: what the session was for must not fail with it.
  await saveDirectory(ports.table, account, directory, ports.clock.now()).catch(() => undefined);
}
