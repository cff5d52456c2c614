import { AcmeError } from '../acme/error.ts';
import type { CaSettings, KeyType } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import { sealingContext } from '../core/key-purpose.ts';
import type { AccountRow } from '../core/rows.ts';
import { accountKey } from '../core/rows.ts';
import { offerAccountKey, readAccount, replaceAccountKey } from '../store/accounts.ts';
import type { OrderPorts } from './ports.ts';

/** Account keys are made as this unless the CA takes no such signature. */
const KEY_TYPE: KeyType = 'ecdsa-p256';

/** Keys that sign with another algorithm (RFC 7518 section 3.1), the stronger one first. */
const OTHER_KEYS: readonly (readonly [algorithm: string, keyType: KeyType])[] = [
  ['ES384', 'ecdsa-p384'],
  ['RS256', 'rsa-2048'],
];

/** The account at a CA: its key is the first one offered, whoever asks. */
export async function accountAt(ports: OrderPorts, ca: CaSettings): Promise<AccountRow> {
  const identity = { directoryUrl: ca.directoryUrl, label: ca.accountLabel };
  const known = await readAccount(ports.table, identity);
  if (known !== undefined) return known;
  await offerAccountKey(ports.table, identity, await newKey(ports, ca, KEY_TYPE));
  const created = await readAccount(ports.table, identity);
  if (created === undefined) throw vanished(ca);
  return created;
}

/**
 * The account with a key that signs as the CA wants it (RFC 8555 section 6.2, badSignatureAlgorithm), where it was never
 * registered with the one it has; undefined where there is no such key, or the error was another.
 */
export async function withAnotherKey(
  ports: OrderPorts,
  ca: CaSettings,
  account: AccountRow,
  error: unknown,
): Promise<AccountRow | undefined> {
  const problem = error instanceof AcmeError ? error.answer.problem : undefined;
  if (problem?.type !== 'badSignatureAlgorithm' || account.url !== undefined) return undefined;
  const other = OTHER_KEYS.find(([algorithm]) => problem.algorithms?.includes(algorithm));
  if (other === undefined || problem.algorithms?.includes('ES256')) return undefined;
  return replaceAccountKey(ports.table, account, await newKey(ports, ca, other[1]));
}

async function newKey(ports: OrderPorts, ca: CaSettings, keyType: KeyType): Promise<AccountRow['sealedKey']> {
  const account = accountKey(ca.directoryUrl, ca.accountLabel).pk;
  const { sealed } = await ports.vault.create(
    keyType,
    sealingContext('acme-account', { account, keyId: ports.newId() }),
  );
  return sealed;
}

function vanished(ca: CaSettings): StepFailure {
  const message = `the account row of ${ca.name} vanished`;
  return new StepFailure({ class: 'transient', code: 'accountRow', message });
}
