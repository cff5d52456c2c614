import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { HttpRequest, HttpResponse, HttpSend } from '../../../lambdas/acme/http.ts';
import type { AcmeSession, SessionAccount } from '../../../lambdas/acme/session.ts';
import { createAcmeConnector } from '../../../lambdas/acme/session.ts';
import type { CaSettings } from '../../../lambdas/core/declaration.ts';

export const BASE = 'https://ca.example.test';
export const NOW = Date.UTC(2027, 0, 1);
/** Of every session here: this long after {@link NOW}. */
export const TIME_LEFT_MS = 30_000;

export const DIRECTORY = {
  newNonce: `${BASE}/new-nonce`,
  newAccount: `${BASE}/new-account`,
  newOrder: `${BASE}/new-order`,
} as const;

export const ORDER = {
  status: 'pending',
  expires: '2027-01-08T00:00:00Z',
  identifiers: [{ type: 'dns', value: 'www.example.test' }],
  authorizations: [`${BASE}/authz/1`],
  finalize: `${BASE}/finalize/1`,
} as const;

export const KEY_PEM = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

/** What a script says to one request: an answer, or the error that is all the sender gets. */
export type Said = Partial<HttpResponse> | Error;

/** A signed request (RFC 8555 section 6.2), taken apart; its signature has been checked. */
export type Signed = {
  readonly header: Readonly<Record<string, unknown>>;
  /** `''` for POST-as-GET. */
  readonly payload: unknown;
};

/** A CA that expects exactly these requests, in this order. */
export type ScriptedCa = {
  readonly send: HttpSend;
  readonly requests: readonly HttpRequest[];
  /** The signed ones. */
  signed(): readonly Signed[];
  /** Whether all that was expected has come. */
  isOver(): boolean;
};

/** `expected` pairs `METHOD /path` with what is said to it; anything else fails the sender and the case. */
export function scriptedCa(...expected: readonly (readonly [request: string, said: Said])[]): ScriptedCa {
  const left = [...expected];
  const requests: HttpRequest[] = [];
  const signed = () => requests.filter(({ method }) => method === 'POST').map(({ body }) => takeApart(body ?? ''));
  return {
    requests,
    signed,
    isOver: () => left.length === 0,
    send: async (request) => {
      requests.push(request);
      const came = `${request.method} ${new URL(request.url).pathname}`;
      const [awaited, said] = left.shift() ?? ['nothing', new Error('the script is over')];
      if (came !== awaited) throw new Error(`UNEXPECTED: ${came} came instead of ${awaited}`);
      if (said instanceof Error) throw said;
      return { status: 200, headers: {}, body: '', ...said };
    },
  };
}

function takeApart(body: string): Signed {
  const jws: { protected: string; payload: string; signature: string } = JSON.parse(body);
  const input = Buffer.from(`${jws.protected}.${jws.payload}`);
  const key = { key: createPublicKey(KEY_PEM), dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', input, key, Buffer.from(jws.signature, 'base64url'))) throw new Error('the signature is wrong');
  const payload = Buffer.from(jws.payload, 'base64url').toString();
  return {
    header: JSON.parse(Buffer.from(jws.protected, 'base64url').toString()),
    payload: payload === '' ? '' : JSON.parse(payload),
  };
}

/** An answer with JSON in it and, where it is signed for, the next nonce. */
export function json(body: unknown, nonce?: string, more: Partial<HttpResponse> = {}): Partial<HttpResponse> {
  const headers = { ...(nonce === undefined ? {} : { 'replay-nonce': nonce }), ...more.headers };
  return { ...more, headers, body: JSON.stringify(body) };
}

/** A problem document (RFC 7807). */
export function problem(status: number, type: string, more: Partial<HttpResponse> & { fields?: object } = {}): Said {
  const { fields, ...rest } = more;
  return json({ type: `urn:ietf:params:acme:error:${type}`, detail: `about ${type}`, ...fields }, undefined, {
    ...rest,
    status,
  });
}

export const created = (nonce?: string): Said =>
  json(ORDER, nonce, { status: 201, headers: { location: `${BASE}/order/1` } });

/** The CA's settings, by the name of its host. */
export function settingsOf(changes: Partial<CaSettings> = {}): CaSettings {
  return {
    name: 'scripted',
    directoryUrl: `${BASE}/directory`,
    environment: 'production',
    accountLabel: 'default',
    contact: [],
    ...changes,
  };
}

/** A session of a registered account that knows the directory, and its process's connector. */
export function openSession(ca: ScriptedCa, changes: Partial<SessionAccount> = {}, nonces: readonly string[] = []) {
  const settings = changes.ca ?? settingsOf();
  const connector = createAcmeConnector(ca.send, { now: () => NOW, sleep: () => Promise.reject(new Error('slept')) });
  for (const nonce of nonces) connector.giveNonce(settings.directoryUrl, nonce);
  const account = { ca: settings, keyPem: KEY_PEM, url: `${BASE}/account/1`, directory: DIRECTORY, ...changes };
  const session: AcmeSession = connector.open(account, NOW + TIME_LEFT_MS);
  return { session, connector, takeNonce: () => connector.takeNonce(settings.directoryUrl) };
}
