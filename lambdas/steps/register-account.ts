import { AcmeError } from '../acme/error.ts';
import type { AcmeSession } from '../acme/session.ts';
import type { CaSettings } from '../core/declaration.ts';
import { type ExternalAccount, type ExternalAccountKey, hmacKeyOf } from '../core/external-account.ts';
import { StepFailure } from '../core/failure.ts';
import { describe } from '../core/problem.ts';
import type { OrderPorts } from './ports.ts';

/**
 * Registers the session's account key (RFC 8555 section 7.3), bound to the external account where the CA has one configured
 * (section 7.3.4). Only here is its secret read. The account's URL.
 *
 * @throws StepFailure of class `person`, with what to correct, where secret or binding are not as the CA wants them.
 */
export async function registerAccount(
  ports: Pick<OrderPorts, 'secrets' | 'log'>,
  ca: CaSettings,
  session: AcmeSession,
): Promise<string> {
  const key = ca.externalAccount === undefined ? undefined : await readKey(ports, ca.name, ca.externalAccount);
  try {
    return await registerWith(ports, session, ca, key);
  } catch (error) {
    throw error instanceof AcmeError ? refusedBinding(error, ca) : error;
  }
}

/** A contact that the CA will not take is left out (RFC 8555 section 7.3): an account without one is better than none. */
async function registerWith(
  { log }: Pick<OrderPorts, 'log'>,
  session: AcmeSession,
  ca: CaSettings,
  key?: ExternalAccountKey,
): Promise<string> {
  try {
    return await session.register(key);
  } catch (error) {
    if (!(error instanceof AcmeError) || ca.contact.length === 0 || !isAboutContact(error)) throw error;
    const message = `the account is made without contact, which the CA refused. ${error.message}`;
    log.write({ event: 'note', message, code: 'contactLeftOut', ca: ca.name });
    return session.register(key, { withoutContact: true });
  }
}

function isAboutContact({ answer }: AcmeError): boolean {
  return answer.problem?.type === 'invalidContact' || answer.problem?.type === 'unsupportedContact';
}

async function readKey(
  { secrets }: Pick<OrderPorts, 'secrets'>,
  ca: string,
  { keyId, secretName }: ExternalAccount,
): Promise<ExternalAccountKey> {
  const hmacKey = hmacKeyOf(await secrets.read(secretName));
  if (hmacKey !== undefined) return { keyId, hmacKey };
  throw new StepFailure({
    class: 'person',
    code: 'externalAccountSecret',
    message:
      `The secret ${secretName} holds no HMAC key for the external account of ${ca}. ` +
      'Let it be the base64url key that the CA gave, alone or as JSON {"hmacKey": "..."}.',
    ca,
  });
}

/** CAs word a wrong, used or expired key as `unauthorized` or `malformed`: to a registration with a binding both mean it. */
function refusedBinding(error: AcmeError, { name, externalAccount }: CaSettings): Error {
  const { detail } = error.toFailure();
  const concerns =
    detail.code === 'externalAccountRequired' || (externalAccount !== undefined && isRefusal(error, detail.code));
  if (!concerns) return error;
  const remedy =
    externalAccount === undefined
      ? `Get a key for external accounts from the CA and name it in cas.${name}.externalAccount.`
      : `Get a new key for external accounts from the CA, put it into the secret ${externalAccount.secretName} and its id, ` +
        `now ${externalAccount.keyId}, into cas.${name}.externalAccount.keyId.`;
  const message = `${describe(error.answer, name)}. ${remedy}`;
  return new StepFailure({ ...detail, class: 'person', message }, { cause: error });
}

function isRefusal({ answer }: AcmeError, code: string): boolean {
  return answer.request === 'newAccount' && /^(unauthorized|malformed|http4\d\d)$/.test(code);
}
