import type { AcmeAuthorization, AcmeChallenge } from '../acme/objects.ts';
import { isForeignUrl } from '../acme/request-rules.ts';
import { StepFailure } from '../core/failure.ts';
import type { SlotOrder } from '../core/rows.ts';

/** RFC 8555 section 8.4: a base64url token, here bounded because it goes into DNS. */
const TOKEN = /^[A-Za-z0-9_-]{16,256}$/;

/**
 * The dns-01 challenge of a pending authorization. Throws a StepFailure: `reorder` where the authorization can never become
 * valid, `person` where dns-01 is not offered, `caSide` where what the CA sent must not be used.
 */
export function chooseChallenge(authorization: AcmeAuthorization, { ca }: SlotOrder): AcmeChallenge {
  const { domain, status, challenges } = authorization;
  if (status !== 'pending') throw lostAuthorization(authorization, ca.name);
  const challenge = challenges.find(({ type }) => type === 'dns-01');
  if (challenge === undefined) throw notOffered(domain, challenges, ca.name);
  if (challenge.status === 'invalid') throw lostAuthorization(authorization, ca.name);
  if (!TOKEN.test(challenge.token)) throw badToken(domain, challenge.token, ca.name);
  if (isForeignUrl(ca.directoryUrl, challenge.url, ca.otherHosts))
    throw foreignChallenge(domain, challenge.url, ca.name);
  return challenge;
}

function lostAuthorization({ domain, status }: AcmeAuthorization, ca: string): StepFailure {
  const message = `${ca}: the authorization of ${domain} is ${status} with a challenge that cannot be answered; a new order is needed`;
  return new StepFailure({ class: 'reorder', code: 'authorizationLost', message, ca });
}

function notOffered(domain: string, challenges: readonly AcmeChallenge[], ca: string): StepFailure {
  const offered = challenges.map(({ type }) => type).join(', ') || 'nothing';
  const message = `${ca} offers ${offered} for ${domain}, but no dns-01; choose a CA that offers dns-01 for it`;
  return new StepFailure({ class: 'person', code: 'dns01NotOffered', message, ca });
}

function badToken(domain: string, token: string, ca: string): StepFailure {
  const message = `${ca} sent a challenge token for ${domain} that is no base64url text of 16 to 256 characters: "${token.slice(0, 40)}"`;
  return new StepFailure({ class: 'caSide', code: 'badToken', message, ca });
}

function foreignChallenge(domain: string, url: string, ca: string): StepFailure {
  const message = `${ca} sent a challenge for ${domain} whose URL is not its own: "${url.slice(0, 200)}"; nothing was published`;
  return new StepFailure({ class: 'caSide', code: 'foreignUrl', message, ca });
}
