import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import type { CaSettings } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import type { AccountRow } from '../core/rows.ts';
import { accountKey } from '../core/rows.ts';
import { forgetAccountUrl, offerAccountKey, readAccount, saveAccountUrl, saveDirectory } from '../store/accounts.ts';
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
  ports.acme.giveNonce(ca.directoryUrl, nonce);
  const session = await openSession(ports, ca, account);
  try {
    return await work(session);
  } catch (error) {
    if (error instanceof AcmeError) await forgetUnknownAccount(ports, account, error);
    throw error;
  } finally {
    await keepDirectory(ports, account, session);
  }
}

async function accountAt(ports: OrderPorts, ca: CaSettings): Promise<AccountRow> {
  const identity = { directoryUrl: ca.directoryUrl, label: ca.accountLabel };
  const known = await readAccount(ports.table, identity);
  if (known !== undefined) return known;
  const context = {
    purpose: 'acme-account',
    account: accountKey(ca.directoryUrl, ca.accountLabel).pk,
    keyId: ports.newId(),
  };
  const { sealed } = await ports.vault.create('ecdsa-p256', context);
  await offerAccountKey(ports.table, identity, sealed);
  const created = await readAccount(ports.table, identity);
  if (created === undefined)
    throw new StepFailure({
      class: 'transient',
      code: 'accountRow',
      message: `the account row of ${ca.name} vanished`,
    });
  return created;
}

async function openSession(ports: OrderPorts, ca: CaSettings, account: AccountRow): Promise<AcmeSession> {
  const keyPem = await ports.vault.open(account.sealedKey);
  const deadline = ports.deadline - STORE_MARGIN_MS;
  const directory = freshDirectory(account, ports.clock.now());
  const open = (url: string | undefined): AcmeSession =>
    ports.acme.open(
      { ca, keyPem, ...(url === undefined ? {} : { url }), ...(directory === undefined ? {} : { directory }) },
      deadline,
    );
  const session = open(account.url);
  if (account.url === undefined) await saveAccountUrl(ports.table, account, await registerAccount(ports, ca, session));
  return session;
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
