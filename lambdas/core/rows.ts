import type { RenewalWindow } from './ari.ts';
import type { CaEnvironment, CaSettings, CertificateDeclaration, KeyType } from './declaration.ts';
import { sha256Hex } from './declaration.ts';
import type { FailureClass, FailureDetail } from './failure.ts';
import type { LimitHold, LimitWait } from './limit-uses.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** Version of the rows' shapes; grows when a shape changes. */
export const ROW_SCHEMA = 1;

/** Key of a row in the one table. */
export type RowKey = { readonly pk: string; readonly sk: string };

/** What a due row is started as. */
export type DueKind = 'renew' | 'push' | 'settle';

/**
 * The fields by which a row is found when it is due and started once. All instants are milliseconds since the epoch.
 * `dueShard` and `dueAt` together put the row into the sparse due index.
 */
export type DueFields = {
  readonly kind: DueKind;
  readonly dueShard?: string;
  readonly dueAt?: number;
  /** Names the latest claim; grows for ever and never falls behind the clock. */
  readonly startSeq: number;
  /** The claim whose run succeeded last. */
  readonly doneSeq?: number;
  /** The claim whose failure is recorded. */
  readonly failedSeq?: number;
  /** Claims since the last success. */
  readonly tries: number;
  /** A run may be in flight until then. */
  readonly runUntil?: number;
  /** The latest claim was forced: by a person, or because its certificate was revoked. */
  readonly forced?: boolean;
  /** The earliest end of what this row keeps alive: its urgency. Absent while nothing is served. */
  readonly endsAt?: number;
  /** Lifetime of what ends at `endsAt`, in milliseconds: an emergency is its last twentieth. */
  readonly lifeMs?: number;
  /** How to try again, as its certificate declares it; the default where an earlier version, or nobody, has said. */
  readonly retry?: RetryPolicy;
  /** Row key of the CA account whose budget a start uses. */
  readonly ca?: string;
};

/** The last failure of a row, and since when it fails. */
export type RecordedFailure = FailureDetail & {
  readonly at: number;
  readonly since: number;
  readonly count: number;
  /** Class and code of each that people were told of, the latest last. Rows of earlier versions have none. */
  readonly told?: readonly string[];
};

/** Failures in one CA's dealings since the last success. */
export type CaFailure = { readonly class: FailureClass; readonly count: number; readonly retryAt?: number };

/** A message that must reach people or machines: published, then removed from its row. */
export type OutboxMessage = {
  readonly id: string;
  readonly event:
    | 'certificate.issued'
    | 'certificate.renewed'
    | 'certificate.lifetime-changed'
    | 'certificate.other-chain'
    | 'certificate.failing'
    | 'certificate.recovered'
    | 'certificate.renewal-moved'
    | 'certificate.warning'
    | 'certificate.pushed'
    | 'certificate.push-failing'
    | 'account.registered-again'
    | 'certificate.retired-served'
    | 'certificate.action-needed'
    | 'certificate.at-risk'
    | 'certificate.safe-again'
    | 'certificates.at-risk'
    | 'certificates.safe-again'
    | 'watch.blind'
    | 'watch.sees-again'
    | 'watch.subscriptions'
    | 'alerts.test';
  /** Told to people through SNS; otherwise an event only. */
  readonly notify: boolean;
  /** Who has it already, where the other could not be told. */
  readonly told?: 'machines' | 'people';
  readonly at: number;
  readonly certificate: string;
  readonly subject: string;
  readonly body: string;
  /** Facts for machines; no secrets. */
  readonly detail: Readonly<Record<string, string | number | boolean>>;
};

export type Outbox = Readonly<Record<string, OutboxMessage>>;

/** A certificate's role; `current` is what is served. */
export type RoleName = 'current';

export type CertificateRow = RowKey & {
  readonly schema: number;
  readonly declaration: CertificateDeclaration;
  readonly hash: string;
  /** No longer declared: not renewed, but what its targets serve is watched to its end. */
  readonly retired: boolean;
  /** The name that takes its state over: what is still issued for this one belongs to that. */
  readonly renamedTo?: string;
  /** The name whose state this one has taken over; written when that was complete. */
  readonly renamedFrom?: string;
};

export type RoleRow = RowKey &
  DueFields & {
    readonly schema: number;
    readonly certificate: string;
    readonly role: RoleName;
    /** The declaration hash that this role was last made due for. */
    readonly hash: string;
    /** Hash of the settings that its orders are made by; rows of earlier versions have none. */
    readonly settings?: string;
    /** SHA-256 of the current version's leaf. */
    readonly version?: string;
    /** The declaration hash that the current version was made for. */
    readonly versionHash?: string;
    readonly notBefore?: number;
    readonly notAfter?: number;
    readonly renewAt?: number;
    /** What each CA refused since the last success, by its name. */
    readonly caFailures?: Readonly<Record<string, CaFailure>>;
    readonly failure?: RecordedFailure;
    /** It waits for room in a CA's limit: no failure. */
    readonly limited?: LimitWait;
    readonly outbox?: Outbox;
  };

export type TargetRow = RowKey &
  DueFields & {
    readonly schema: number;
    readonly certificate: string;
    readonly target: TargetDeclaration;
    /** No longer declared: pushed to no more, what it holds stays there. */
    readonly retired?: boolean;
    /** The version that should be served here, and the claim of the role that wanted it. */
    readonly desired?: string;
    readonly desiredSeq?: number;
    readonly desiredAt?: number;
    readonly proven?: string;
    readonly provenAt?: number;
    readonly provenNotAfter?: number;
    /** When the present push stops being "propagating" and becomes a failure. */
    readonly deadline?: number;
    /** What the target calls what it was given last (an ARN, a name). */
    readonly remoteId?: string;
    /** What it called versions before that: removed once the present one is proven. */
    readonly superseded?: readonly string[];
    /** Superseded ones that people were told of, because something still serves them. */
    readonly toldSuperseded?: readonly string[];
    /** The version that a rollback has left; a promotion of any other ends that. */
    readonly rolledBackFrom?: string;
    /** Something was about to be made: its outcome must be looked up before it is asked for again. */
    readonly importing?: boolean;
    /** Until then that may still be on its way: the end of the Lambda that was to send it. */
    readonly importUntil?: number;
    /** The certificate's name when that was sent, where it was renamed since: it is tagged so. */
    readonly importedAs?: string;
    /** The ARN that was written last where other stacks look for it, and why the latest could not be. */
    readonly publishedArn?: string;
    readonly publishFailure?: RecordedFailure;
    /** The version last pushed and read back. */
    readonly pushed?: string;
    readonly pushedAt?: number;
    readonly failure?: RecordedFailure;
    readonly outbox?: Outbox;
  };

/** Private key sealed by KMS under a context that never changes and is kept beside it. */
export type SealedKey = {
  /** KMS ciphertext, base64. */
  readonly ciphertext: string;
  readonly context: Readonly<Record<string, string>>;
};

/** An account at one directory, as a CA knows it. */
export type IssuingAccount = { readonly directoryUrl: string; readonly label: string; readonly url?: string };

export type VersionRow = RowKey & {
  readonly schema: number;
  readonly certificate: string;
  readonly role: RoleName;
  readonly hash: string;
  readonly sha256: string;
  readonly domains: readonly string[];
  readonly keyType: KeyType;
  /** Leaf and intermediates, PEM, leaf first, without the root. */
  readonly chainPem: string;
  readonly sealedKey: SealedKey;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly ca: string;
  /** The account that it was issued to: no other may say that it replaces it (RFC 9773 section 5). */
  readonly account?: IssuingAccount;
  readonly environment: CaEnvironment;
  readonly certificateUrl: string;
  readonly storedAt: number;
  readonly state: 'stored' | 'quarantined';
  readonly reason?: string;
};

/** An intention to send: written first, open until `sendBefore` + 10 s. `count` is of the run that `startSeq` names. */
export type Intent = { readonly sendBefore: number; readonly count: number; readonly startSeq: number };

/** A key and the CSR made with it. */
export type OrderKey = {
  readonly keyId: string;
  readonly sealedKey: SealedKey;
  /** PEM. */
  readonly csr: string;
};

/** One `_acme-challenge` TXT value that this slot has published or is about to. */
export type SlotDnsEntry = {
  readonly name: string;
  readonly value: string;
  readonly zoneId: string;
  /** A publisher that has not confirmed may still write until then. */
  readonly lateUntil?: number;
  readonly changeId?: string;
};

/** A pending dns-01 challenge of the order. */
export type OrderChallenge = {
  readonly authorizationUrl: string;
  readonly url: string;
  /** Id of its entry in {@link SlotRow.dns}. */
  readonly dnsId: string;
  /** As last seen. */
  readonly status?: string;
};

/** A status that is unknown or impossible, as last seen, and since when (milliseconds since the epoch): not yet believed. */
export type StatusDoubt = { readonly status: string; readonly since: number };

/** The order in flight in a slot (RFC 8555 section 7.1.3), with what is needed to finish it without its first run. */
export type SlotOrder = {
  readonly certificate: string;
  readonly role: RoleName;
  /** ULID of the attempt that it belongs to. */
  readonly attempt?: string;
  /** Hash of the declaration it was made for, and what the certificate is to be. */
  readonly hash: string;
  readonly domains: readonly string[];
  readonly keyType: KeyType;
  readonly ca: CaSettings;
  readonly key: OrderKey;
  /** Keys replaced while a finalize intent was stored. */
  readonly replacedKeys: readonly OrderKey[];
  readonly createdAt: number;
  /** The account that placed it: no other can read it. */
  readonly accountUrl?: string;
  readonly url?: string;
  readonly finalizeUrl?: string;
  readonly authorizations?: readonly string[];
  /** Status of each of {@link authorizations}, as last seen. */
  readonly authorizationStatuses?: readonly string[];
  /** The earliest end of a pending authorization. */
  readonly authorizationsExpire?: number;
  /** Some authorization could not be judged yet: they are read again with the order. */
  readonly authorizationsOpen?: boolean;
  /** The dns-01 challenges to answer (RFC 8555 section 8.4), read from the pending authorizations. */
  readonly challenges?: readonly OrderChallenge[];
  readonly expires?: number;
  readonly status?: string;
  readonly statusAt?: number;
  readonly statusFence?: number;
  readonly doubt?: StatusDoubt;
  readonly challengesAnsweredAt?: number;
  /** When the DNS records were first waited for; the 30 minutes of propagation count from here. */
  readonly publishedAt?: number;
  /** certID of the certificate that this order replaces (RFC 9773 section 5), and the window that its CA suggested for it. */
  readonly replaces?: string;
  readonly ariWindow?: RenewalWindow;
  /** The CA would not have the profile, which is preferred only: it is not asked for again. */
  readonly profileLeftOut?: boolean;
  /** The certID that the CA would not have as `replaces`: it is not sent again. */
  readonly replacesRefused?: string;
  /** When all name servers first showed the values; kept only where more patience is needed. */
  readonly propagatedAt?: number;
  readonly newOrderIntent?: Intent;
  readonly finalizeIntent?: Intent;
  readonly certificateUrl?: string;
  /** When what was downloaded was first refused: only what is refused again later is given up. */
  readonly refusedAt?: number;
};

export type SlotRow = RowKey &
  DueFields & {
    readonly schema: number;
    readonly directoryUrl: string;
    readonly identifiers: readonly string[];
    readonly owner?: string;
    readonly leaseUntil?: number;
    readonly fence: number;
    /** Tells the invocation that took this fence from a doubled one. */
    readonly token?: string;
    readonly order?: SlotOrder;
    readonly dns?: Readonly<Record<string, SlotDnsEntry>>;
    /** When orders were sent, last 24 h. */
    readonly orderTimes?: readonly number[];
    /** What was reserved of the CA's limits for the order, or for one that is gone: spent when it is valid, else returned. */
    readonly limits?: readonly LimitHold[];
    /** When a validation last failed at one of the CA's remote perspectives. */
    readonly secondaryFailedAt?: number;
    readonly failure?: RecordedFailure;
    readonly outbox?: Outbox;
  };

export type AccountRow = RowKey & {
  readonly schema: number;
  readonly directoryUrl: string;
  readonly label: string;
  readonly sealedKey: SealedKey;
  readonly url?: string;
  /** The URL at which the CA knows no account any more: the next one it gives is told. */
  readonly lostUrl?: string;
  readonly outbox?: Outbox;
  /** The directory object as last read (RFC 8555 section 7.1.1). */
  readonly directory?: Readonly<Record<string, unknown>>;
  readonly directoryAt?: number;
};

export const certificateKey = (name: string): RowKey => ({ pk: `CERT#${name}`, sk: 'CERT' });
/** The certificate that a row of its partition belongs to. */
export const certificateNameOf = ({ pk }: Pick<RowKey, 'pk'>): string => pk.replace(/^CERT#/, '');
export const roleKey = (name: string, role: RoleName = 'current'): RowKey => ({
  pk: `CERT#${name}`,
  sk: `ROLE#${role}`,
});
export const targetKey = (name: string, id: string): RowKey => ({ pk: `CERT#${name}`, sk: `TARGET#${id}` });
export const versionKey = (name: string, sha256: string): RowKey => ({ pk: `CERT#${name}`, sk: `VERSION#${sha256}` });
export const slotKey = (directoryUrl: string, identifiers: readonly string[]): RowKey => ({
  pk: `SLOT#${sha256Hex(JSON.stringify([directoryUrl, [...identifiers].sort()]))}`,
  sk: 'SLOT',
});
export const accountKey = (directoryUrl: string, label: string): RowKey => ({
  pk: `CA#${sha256Hex(JSON.stringify([directoryUrl, label]))}`,
  sk: 'ACCOUNT',
});

/** Shards of the due index. */
const SHARDS = 8;

/** Their partition keys in the due index. */
export const DUE_SHARDS: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => `due-${shard}`);

/** Name of the sparse index in which every row with work to do is found. */
export const DUE_INDEX = 'due-index';

/** The shard of the due index in which a row stays for life. */
export function dueShardOf(key: RowKey): string {
  const first = Number.parseInt(sha256Hex(`${key.pk}\n${key.sk}`).slice(0, 4), 16);
  return `due-${first % SHARDS}`;
}
