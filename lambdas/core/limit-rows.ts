import type { CaSettings } from './declaration.ts';
import { sha256Hex } from './declaration.ts';
import type { LimitKind } from './limit-uses.ts';
import type { RowKey } from './rows.ts';
import { accountKey } from './rows.ts';

/** A bucket of one CA's limit for one scope. */
export type LimitRow = RowKey & {
  /** GCRA's theoretical arrival time, milliseconds since the epoch. */
  readonly arrivalAt?: number;
  /** The CA itself has asked to wait until then. */
  readonly notBefore?: number;
  /** Whoever finds no room is given a place from here on. */
  readonly bookedUntil?: number;
  /** As `bookedUntil`, for those that had a place and came too early. */
  readonly againUntil?: number;
  /** When a certificate for exactly this set of names was issued last. */
  readonly issuedAt?: number;
  /** From which arrival time each reservation was made, by its id. */
  readonly held: Readonly<Record<string, number>>;
};

type Directory = Pick<CaSettings, 'directoryUrl'>;
type Account = Pick<CaSettings, 'directoryUrl' | 'accountLabel'>;

/** Limits that go by the account. */
export function accountLimitKey({ directoryUrl, accountLabel }: Account, kind: LimitKind, scope = ''): RowKey {
  return { pk: accountKey(directoryUrl, accountLabel).pk, sk: sortKey(kind, scope) };
}

/** Limits that are over all accounts at a CA. */
export function directoryLimitKey({ directoryUrl }: Directory, kind: LimitKind, scope = ''): RowKey {
  return { pk: `CA#${sha256Hex(JSON.stringify([directoryUrl]))}`, sk: sortKey(kind, scope) };
}

/** The scope of an exact set of names: their hash, since a hundred names are longer than a key may be. */
export function exactSetScope(domains: readonly string[]): string {
  return sha256Hex(JSON.stringify([...domains].sort())).slice(0, 40);
}

/** The names whose failed authorizations count together: a wildcard counts as its base. */
export function authorizedNames(domains: readonly string[]): readonly string[] {
  return [...new Set(domains.map((name) => name.replace(/^\*\./, '')))];
}

function sortKey(kind: LimitKind, scope: string): string {
  return `LIMIT#${kind}#${scope}`;
}
