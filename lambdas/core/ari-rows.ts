import type { RenewalWindow } from './ari.ts';
import type { RoleName, RowKey } from './rows.ts';

/** The shard of the due index that holds what a CA is to be asked: apart, so that it never takes a start's place. */
export const ARI_SHARD = 'ari';

/** Why the latest question had no usable answer, how often in a row, and whether that will last. */
export type AriFailure = {
  readonly at: number;
  readonly count: number;
  readonly lasting: boolean;
  readonly message: string;
};

/**
 * What a CA suggests about a role's version, and what was made of it. Where it is lost, the default rule holds until the next
 * version. All instants are milliseconds since the epoch.
 */
export type AriRow = RowKey & {
  readonly schema: number;
  readonly kind: 'ari';
  readonly certificate: string;
  readonly role: RoleName;
  /** In the due index while the CA is to be asked; not after the certificate has ended. */
  readonly dueShard?: string;
  readonly dueAt?: number;
  /** Grows with each write: of two that were read together, one wins. */
  readonly revision: number;
  /** SHA-256 of the version that everything below is about. */
  readonly version: string;
  /** RFC 9773 section 4.1. */
  readonly certId?: string;
  /** The renewal instant by the default rule, as it was before the CA was asked. */
  readonly defaultAt?: number;
  readonly window?: RenewalWindow;
  /** The instant drawn in that window. */
  readonly drawnAt?: number;
  /** When the CA last gave a window. */
  readonly seenAt?: number;
  readonly explanationUrl?: string;
  readonly failure?: AriFailure;
};

export const ariKey = (name: string, role: RoleName = 'current'): RowKey => ({ pk: `CERT#${name}`, sk: `ARI#${role}` });
