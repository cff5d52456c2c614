import { isBase64url } from './base64url.ts';
import { timestamp } from './clock.ts';
import type { Certificate } from './model.ts';
import { malformed, notFound } from './problems.ts';
import { type RenewalWindow, suggestedWindow } from './renewal-window.ts';
import { retryAfter } from './retry-after.ts';
import { type CaAnswer, json } from './wire.ts';
import type { Call, World } from './world.ts';

/** RFC 9773 section 4.1: base64url of the issuer's key identifier, a dot, base64url of the serial's DER content bytes. */
export function certIdOf(issuerKeyIdentifier: Buffer, serial: Buffer): string {
  return `${issuerKeyIdentifier.toString('base64url')}.${serial.toString('base64url')}`;
}

/** @throws AcmeProblem malformed when it is no certID, 404 when no certificate of this CA has it. */
export function findByCertId(world: World, certId: string): Certificate {
  const [keyIdentifier, serial, ...more] = certId.split('.');
  if (!keyIdentifier || !serial || more.length > 0 || !isBase64url(keyIdentifier + serial)) {
    throw malformed(`"${certId}" is no certID: base64url, a dot, base64url`);
  }
  const found = world.store.certificatesByCertId.get(certId);
  if (!found) throw notFound('certificate');
  return found;
}

function windowOf(world: World, certificate: Certificate): RenewalWindow {
  return world.renewalInfo.get(certificate.certId)?.window ?? suggestedWindow(certificate);
}

/** Whether a renewal now is one that the CA asked for: the rate limits do not count it. */
export function isInWindow(world: World, certificate: Certificate): boolean {
  const { start, end } = windowOf(world, certificate);
  const now = world.clock.now();
  return now >= start && now < end;
}

/** RFC 9773 section 4.2: unauthenticated GET. */
export function renewalInfo(world: World, call: Call): CaAnswer {
  if (!world.settings.renewalInfo) throw notFound('resource');
  const certificate = findByCertId(world, call.id);
  const override = world.renewalInfo.get(certificate.certId);
  const headers = retryAfter(world, override?.retryAfterSeconds ?? world.settings.retryAfter.renewalInfo);
  const { start, end } = windowOf(world, certificate);
  const answer = json(
    200,
    {
      suggestedWindow: { start: timestamp(start), end: timestamp(end) },
      ...(override?.explanationURL === undefined ? {} : { explanationURL: override.explanationURL }),
    },
    headers,
  );
  return override?.body === undefined ? answer : { ...answer, body: override.body };
}
