import type { KeyType } from './declaration.ts';
import type { MetricName, SecondMetricName } from './metric-names.ts';
import type { OutboxMessage, SealedKey } from './rows.ts';
import type { Probe } from './target-declaration.ts';

/** Time, injected everywhere. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; only for the short waits inside a step. */
  sleep(ms: number): Promise<void>;
}

/** Private keys: made, sealed, opened where they are needed. */
export interface KeyVault {
  /** A fresh key, PKCS#8 PEM, and its sealed form under `context`. Throws the KMS error when it cannot be sealed. */
  create(keyType: KeyType, context: Readonly<Record<string, string>>): Promise<{ sealed: SealedKey; pem: string }>;
  /** The PKCS#8 PEM of a sealed key. */
  open(sealed: SealedKey): Promise<string>;
}

/** Secrets that people keep: keys of external accounts. */
export interface Secrets {
  /** The text of a secret. Throws a StepFailure of class `person` that names it when it cannot be read. */
  read(name: string): Promise<string>;
}

/** Where a TXT value goes: the name after following CNAMEs, and the zone that holds it. Names are lower-case without trailing dot. */
export type ChallengeLocation = { readonly name: string; readonly zoneId: string };

/** One TXT value at a located name (RFC 8555 section 8.4). */
export type ChallengeRecord = ChallengeLocation & { readonly value: string };

/** Publishes and removes `_acme-challenge` TXT values; other tools' values survive. */
export interface DnsPublisher {
  /**
   * Follows CNAMEs from `_acme-challenge.<domain>` (at most 10) and finds the zone to write to.
   * Throws a StepFailure of class `person` that names the zone or the chain when there is none.
   */
  locate(challengeName: string): Promise<ChallengeLocation>;
  /**
   * Adds the values, all of a zone in one batch, by compare-and-swap; a value already there counts as published.
   * Answers one publication a record.
   */
  publish(records: readonly ChallengeRecord[]): Promise<readonly Publication[]>;
  /** Whether all changes have reached all of the provider's servers. */
  inSync(changeIds: readonly string[]): Promise<boolean>;
  /** Removes exactly these values; resolves when they are gone, also when they were never there or the zone is gone. */
  remove(records: readonly ChallengeRecord[]): Promise<void>;
}

/** A record that is published. */
export type Publication = {
  readonly record: ChallengeRecord;
  /** None where nothing had to change. */
  readonly changeId?: string;
  /** TTL of the values of others in whose set it stands, where they keep it longer in caches than our own. Seconds. */
  readonly foreignTtl?: number;
};

/** What one name server answered instead of the value. */
export type MissingRecord = {
  readonly name: string;
  readonly value: string;
  readonly server: string;
  readonly saw: string;
  /** It said nothing of the name: no answer, SERVFAIL, REFUSED or no address that is known. */
  readonly silent: boolean;
};

/** What the authoritative servers show of some records. */
export type PropagationLook = {
  /** The values that some server does not show yet; empty when all show all. */
  readonly missing: readonly MissingRecord[];
  /** How many servers speak for each name. */
  readonly servers: Readonly<Record<string, number>>;
  /** Name servers that were not asked, because they have IPv6 only. */
  readonly passedBy: readonly string[];
};

/** Looks at every authoritative server of each name, over UDP and, where truncated, TCP. */
export interface Propagation {
  look(
    records: readonly { readonly name: string; readonly value: string; readonly zoneId?: string }[],
  ): Promise<PropagationLook>;
}

/** A certificate as targets take it. */
export type PushBundle = {
  /** SHA-256 of the leaf's DER, lower-case hex: its identity. */
  readonly sha256: string;
  readonly leafPem: string;
  /** Intermediates in order, without the root; may be empty. */
  readonly intermediatesPem: string;
  readonly privateKeyPem: string;
};

/** What ACM tells of a certificate beside its content. */
export type InspectedCertificate = {
  readonly sha256: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** `IMPORTED`, or how ACM made it. */
  readonly type: string;
  /** Undefined where ACM names one that no certificate of ours has. */
  readonly keyType: KeyType | undefined;
  /** ARNs of what serves it. */
  readonly inUseBy: readonly string[];
};

/** AWS Certificate Manager in one region. */
export interface AcmPort {
  /** SHA-256 (lower-case hex), NotBefore and key algorithm of what an ARN holds; undefined when there is no such certificate. */
  describe(
    arn: string,
  ): Promise<{ readonly sha256: string; readonly notBefore: number; readonly notAfter: number } | undefined>;
  /** What {@link describe} says, with how ACM got it, its key and who serves it; undefined when there is no such certificate. */
  inspect(arn: string): Promise<InspectedCertificate | undefined>;
  /** Imports; with `arn` onto that ARN. The ARN it now has. A first import is tagged so that {@link find} finds it. */
  importCertificate(
    bundle: PushBundle,
    owner: { readonly certificate: string; readonly target: string },
    arn?: string,
  ): Promise<string>;
  /** The ARN of a certificate tagged as this target's, whose import's answer was lost; none of those `known`. All pages, all key types. */
  find(
    owner: { readonly certificate: string; readonly target: string },
    domains: readonly string[],
    known?: readonly string[],
  ): Promise<string | undefined>;
  /** Deletes a certificate; whether it is gone. One that something serves stays. */
  remove(arn: string): Promise<boolean>;
}

/** What a distribution serves: a certificate of ACM in us-east-1 by its ARN, or a server certificate of IAM by its id. */
export type ViewedCertificate = { readonly acmArn: string } | { readonly iamCertificateId: string };

/** CloudFront distributions of the account. */
export interface CloudFrontPort {
  /**
   * Has a distribution serve a certificate, if it does not already; whether that is in effect everywhere. Throws a
   * StepFailure of class `person` where an alias is not one of `domains`.
   */
  associate(
    distributionId: string,
    certificate: ViewedCertificate,
    domains: readonly string[],
  ): Promise<{ readonly deployed: boolean }>;
}

/** Where other stacks find the ARN of a target's certificate. */
export interface ArnParameters {
  /** Writes it, over whatever was there. Throws a StepFailure. */
  write(owner: { readonly certificate: string; readonly target: string }, arn: string): Promise<void>;
}

/** SHA-256 (lower-case hex) and end of the leaf served, or why none was seen. */
export type ServedLook = { readonly sha256: string; readonly notAfter: number } | { readonly error: string };

/** What should be served. */
export type ExpectedCertificate = { readonly sha256: string; readonly keyType: KeyType };

/** TLS handshakes with whoever serves a name. */
export interface ServedCertificate {
  /**
   * What is served at all addresses of the host; where they differ, what is not `expected`. Of a server with certificates of
   * two types that of the expected one counts.
   */
  probe(probe: Exclude<Probe, 'control-plane'>, timeoutMs: number, expected?: ExpectedCertificate): Promise<ServedLook>;
}

/** A leaf as a handshake showed it. */
export type SeenLeaf = {
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Its DNS names. */
  readonly names: readonly string[];
  /** It is for the name that was asked for. */
  readonly coversName: boolean;
  /** Why the chain that came with it is not trusted; its end and its names are not judged here. */
  readonly untrusted?: string;
  /** DER of the leaf and of its issuer, where that was sent. */
  readonly der: Uint8Array;
  readonly issuerDer?: Uint8Array;
  readonly issuerNotAfter?: number;
};

/** What one address of a host served. */
export type AddressLook =
  | { readonly address: string; readonly leaf: SeenLeaf }
  | { readonly address: string; readonly error: string };

/** What a host serves at all of its addresses, or why it has none. */
export type HandshakeLook =
  | { readonly host: string; readonly addresses: readonly AddressLook[] }
  | { readonly host: string; readonly error: string };

/** TLS handshakes that judge what they see as a browser would. */
export interface Handshakes {
  /**
   * @param roots PEM bundles and `public` (those of browsers) that a chain must end in one of; empty: no chain is judged.
   */
  look(place: Exclude<Probe, 'control-plane'>, timeoutMs: number, roots: readonly string[]): Promise<HandshakeLook>;
}

/** Whether CAs have taken certificates back. */
export interface RevocationLists {
  /**
   * Whether a leaf stands in the revocation list that it names (RFC 5280 section 5), signed by its issuer. Undefined where it
   * names none or the list cannot be had.
   */
  isRevoked(leafDer: Uint8Array, issuerDer: Uint8Array): Promise<boolean | undefined>;
}

/** Figures about all certificates, for alarms and the dashboard. */
export interface FleetMetrics {
  publish(values: Readonly<Partial<Record<MetricName | SecondMetricName, number>>>): void;
}

/** How often something happened within the time in which it has to. */
export type Heartbeats = { readonly sweeps: number; readonly watches: number };

/** SNS for people, EventBridge for machines. */
export interface Alerts {
  /** Publishes the event and, where `notify`, the message; may publish one twice, with the same id. */
  publish(message: OutboxMessage): Promise<void>;
}

/** Step Functions, as far as steps use it. */
export interface Executions {
  /** Starts, or finds already started, the execution of this name. */
  start(kind: 'renew' | 'push' | 'settle', name: string, input: Readonly<Record<string, unknown>>): Promise<void>;
  /** Whether an execution is still running or may be redriven; an unknown execution is not. */
  isRunning(executionArn: string): Promise<boolean>;
}
