import { CREATED, OK, refused } from './case.ts';

/** What Pebble 2.10.1 answers where it does not answer as the suite expects. */
export interface Difference {
  readonly pebble: unknown;
  /** Why, and what the RFC or Boulder, Let's Encrypt's server, has. */
  readonly reason: string;
}

/** By case id. A difference that Pebble no longer has fails the suite, so that the table stays true. */
export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'no-protected': {
    pebble: refused(400, 'badSignatureAlgorithm'),
    reason:
      'Pebble reads a missing protected header as a missing algorithm; RFC 8555 section 6.2 only says it must be refused.',
  },
  'alg-list': {
    pebble: false,
    reason:
      'RFC 8555 section 6.2: the problem document MUST have an "algorithms" field. Pebble names them in the detail only.',
  },
  'key-rsa-1024': {
    pebble: CREATED,
    reason: "Pebble judges no key sizes; Boulder's good-key policy refuses RSA below 2048 bits with badPublicKey.",
  },
  'nonce-not-base64url': {
    pebble: refused(400, 'badNonce'),
    reason:
      'RFC 8555 section 6.5.2: such a nonce MUST be rejected as malformed. Pebble looks it up without parsing it.',
  },
  'nonce-no-store': {
    pebble: 'public, max-age=0, no-cache',
    reason:
      'RFC 8555 section 7.2: newNonce MUST carry Cache-Control no-store, as at Boulder. Pebble sends one header everywhere.',
  },
  'contact-hfields': {
    pebble: CREATED,
    reason: 'RFC 8555 section 7.3: a mailto with hfields MUST be rejected with invalidContact. Pebble overlooks them.',
  },
  'account-update-nothing': {
    pebble: refused(400, 'malformed'),
    reason:
      'Pebble wants POST-as-GET instead; RFC 8555 section 7.3.2 knows no update too small, and Boulder answers 200.',
  },
  'account-other': {
    pebble: OK,
    reason: "Pebble shows the signer's account whatever account URL was asked; Boulder refuses with unauthorized.",
  },
  'account-deactivated': {
    pebble: refused(403, 'unauthorized'),
    reason:
      'RFC 8555 section 7.3.6: a deactivated account MUST get 401. Pebble and Boulder send 403 (habit deactivatedIsForbidden).',
  },
  'account-deactivated-new': {
    pebble: refused(403, 'unauthorized'),
    reason: 'As above: 401 by RFC 8555 section 7.3.6, 403 at Pebble and Boulder.',
  },
  'key-change-nonce': {
    pebble: OK,
    reason: 'RFC 8555 section 7.3.5: the inner JWS MUST omit "nonce". Pebble does not look.',
  },
  'key-change-in-use': {
    pebble: [200, false],
    reason:
      'RFC 8555 section 7.3.5: 409 and Location. Pebble changes nothing, yet answers an empty 200: its error is returned by value and looked for by pointer.',
  },
  'identifier-type': {
    pebble: refused(400, 'malformed'),
    reason: 'RFC 8555 section 6.7 has unsupportedIdentifier for this, and Boulder sends it.',
  },
  'name-long-label': {
    pebble: CREATED,
    reason:
      "RFC 1035 section 2.3.4: labels have at most 63 octets, which Boulder checks. Pebble's source lists it as missing.",
  },
  'name-single-label': {
    pebble: CREATED,
    reason: 'Boulder refuses names without a dot (CA/B BR: no internal names). Pebble issues for localhost on purpose.',
  },
  subproblems: {
    pebble: ['a.blocked.example.test'],
    reason: 'RFC 8555 section 6.7.1: SHOULD list each. Boulder does; Pebble stops at the first bad name.',
  },
  'order-date': {
    pebble: CREATED,
    reason:
      'RFC 8555 section 7.1.3: dates are RFC 3339. Pebble echoes them and never reads them; Boulder refuses any (habit refuseDates).',
  },
  'order-dates-backwards': {
    pebble: CREATED,
    reason:
      'RFC 8555 section 7.4: an error MUST be returned if the order cannot be fulfilled as specified. Pebble ignores the dates.',
  },
  'orders-list-foreign': {
    pebble: refused(404, 'malformed'),
    reason:
      'RFC 8555 leaves the refusal open; Pebble hides the list as not found. Boulder has no list (habit noOrdersList).',
  },
  'dns-01-nxdomain': {
    pebble: { authorization: 'invalid', order: 'invalid', problem: 'unauthorized' },
    reason:
      'RFC 8555 section 6.7 has "dns" for a problem during a DNS query, as Boulder sends. Pebble says unauthorized for all.',
  },
  'challenge-twice': {
    pebble: refused(400, 'malformed'),
    reason:
      'Boulder returns a challenge that is done as it is, which helps a client that lost the answer. Pebble refuses.',
  },
  'http-01-whitespace': {
    pebble: { authorization: 'invalid', order: 'invalid', problem: 'unauthorized' },
    reason: 'RFC 8555 section 8.3: trailing whitespace SHOULD be ignored. Pebble trims line ends and tabs, not spaces.',
  },
  'csr-rsa-1024': {
    pebble: { ...OK, order: 'taken on' },
    reason: 'RFC 8555 section 6.7: badCSR "due to a short key", as at Boulder. Pebble judges no key sizes and issues.',
  },
  'csr-common-name-only': {
    pebble: 403,
    reason:
      'RFC 8555 section 7.4: names are in the commonName or subjectAltName, and Boulder reads both. Pebble reads the latter.',
  },
  'revoke-unknown': {
    pebble: refused(400, 'malformed'),
    reason: 'RFC 8555 section 7.6 has no status for it; Boulder answers 404 malformed, Pebble 400 malformed.',
  },
  'revoke-by-proof': {
    pebble: refused(403, 'unauthorized'),
    reason:
      'RFC 8555 section 7.6: an account with authorizations for all names MUST be accepted, as at Boulder. Not built in Pebble.',
  },
  'replaces-open': {
    pebble: CREATED,
    reason:
      'RFC 9773 section 5: replaced by an order that is not invalid; Boulder counts from newOrder on, Pebble from issuance on.',
  },
  'replaces-no-common-name': {
    pebble: refused(500, 'serverInternal'),
    reason:
      "A client's mistake is no server error: Boulder answers 400 malformed. Pebble returns it as an internal one.",
  },
  'replaces-unknown': {
    pebble: refused(500, 'serverInternal'),
    reason: 'Boulder answers 404 malformed. Pebble returns the failed look-up as an internal error.',
  },
};
