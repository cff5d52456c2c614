import type { FailureClass } from './failure.ts';

/** The reaction to one ACME error type. */
export type ProblemRule = {
  readonly class: FailureClass;
  /** What a person must do, as a sentence. */
  readonly remedy?: string;
};

const NAMES = 'Correct the domains of this certificate, or choose another CA for it.';
const CONTACT = 'Correct contact in the configuration.';
const KEY = 'Give the CA another accountLabel in the configuration: the account is then made anew with a new key.';

/**
 * Every ACME error type: RFC 8555 section 6.7 and the registry it opened (RFC 8739, RFC 9115, RFC 9773, RFC 9799), the
 * profiles draft (draft-ietf-acme-profiles), Boulder's `conflict`, and our own names for what was never sent.
 * https://www.iana.org/assignments/acme/acme.xhtml#acme-error-types
 */
const RULES: Readonly<Record<string, ProblemRule>> = {
  accountDoesNotExist: { class: 'transient' },
  alreadyReplaced: { class: 'reorder' },
  alreadyRevoked: { class: 'bug' },
  autoRenewalCanceled: { class: 'bug' },
  autoRenewalCancellationInvalid: { class: 'bug' },
  autoRenewalExpired: { class: 'bug' },
  autoRenewalRevocationNotSupported: { class: 'bug' },
  badCSR: { class: 'bug' },
  badNonce: { class: 'transient' },
  badPublicKey: { class: 'person', remedy: KEY },
  badRevocationReason: { class: 'bug' },
  badSignatureAlgorithm: { class: 'person', remedy: `The account's key cannot sign otherwise. ${KEY}` },
  caa: { class: 'person', remedy: 'Let a CAA record of the name allow this CA, or remove the one that forbids it.' },
  compound: { class: 'person', remedy: NAMES },
  conflict: { class: 'person', remedy: KEY },
  connection: { class: 'reorder' },
  dns: { class: 'reorder' },
  externalAccountRequired: { class: 'person', remedy: 'This CA wants an external account: configure its key.' },
  incorrectResponse: { class: 'reorder' },
  invalidContact: { class: 'person', remedy: CONTACT },
  invalidProfile: { class: 'person', remedy: 'Name a profile that the CA lists in its directory, or none.' },
  malformed: { class: 'bug' },
  onionCAARequired: { class: 'person', remedy: NAMES },
  orderNotReady: { class: 'reconcile' },
  rateLimited: { class: 'later' },
  rejectedIdentifier: { class: 'person', remedy: NAMES },
  serverInternal: { class: 'caSide' },
  tls: { class: 'reorder' },
  unauthorized: {
    class: 'person',
    remedy: `If the CA has closed the account: ${KEY.charAt(0).toLowerCase()}${KEY.slice(1)}`,
  },
  unknownDelegation: { class: 'bug' },
  unsupportedContact: { class: 'person', remedy: CONTACT },
  unsupportedIdentifier: { class: 'person', remedy: NAMES },
  userActionRequired: { class: 'person', remedy: 'Agree to the terms of service; the next try then passes.' },
  // Our own: a URL that leads away from the directory, and a TLS certificate of the CA that does not hold. Nothing was sent.
  foreignUrl: { class: 'caSide' },
  untrustedCa: { class: 'caSide' },
};

/** Types of refusals that were ours: the request never left. */
export const UNSENT_TYPES: readonly string[] = ['foreignUrl', 'untrustedCa'];

const URN = 'urn:ietf:params:acme:error:';
const BY_LOWER_CASE = new Map(Object.keys(RULES).map((name) => [name.toLowerCase(), name]));

/** A type as RFC 8555 spells it, without its URN prefix; case and a missing prefix do not matter. Unknown ones stay as they are. */
export function typeName(type: unknown): string {
  if (typeof type !== 'string' || type === 'about:blank') return '';
  const name = type.toLowerCase().startsWith(URN) ? type.slice(URN.length) : type;
  return BY_LOWER_CASE.get(name.toLowerCase()) ?? name;
}

/** The rule of a type; undefined for one that nobody here knows. */
export function ruleOf(type: string): ProblemRule | undefined {
  return Object.hasOwn(RULES, type) ? RULES[type] : undefined;
}

/** Every type that has a rule. */
export const KNOWN_TYPES: readonly string[] = Object.keys(RULES);
