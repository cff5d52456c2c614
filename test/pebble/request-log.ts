import { X509Certificate } from 'node:crypto';
import type { HttpSend } from '../../lambdas/acme/http.ts';

/** Requests of RFC 8555 as Pebble's paths tell them apart. */
const KIND_OF_PATH: Readonly<Record<string, string>> = {
  dir: 'directory',
  'nonce-plz': 'newNonce',
  'sign-me-up': 'newAccount',
  'my-account': 'account',
  'order-plz': 'newOrder',
  'my-order': 'order',
  authZ: 'authorization',
  chalZ: 'challenge',
  'finalize-order': 'finalize',
  certZ: 'certificate',
  'draft-ietf-acme-ari-03': 'renewalInfo',
};

/** One request as the CA was sent it, and what it answered; status 0 while there is no answer. */
export type LoggedRequest = {
  readonly kind: string;
  readonly url: string;
  status: number;
  location?: string;
  body: string;
};

/** All that was sent to a CA. */
export type RequestLog = {
  readonly send: HttpSend;
  readonly requests: readonly LoggedRequest[];
  /** Requests of a kind that were answered 2xx. */
  accepted(kind: string): readonly LoggedRequest[];
  /** Serial numbers of the leaves that were handed out. */
  leafSerials(): ReadonlySet<string>;
};

/** Writes down what goes through `send`. */
export function logRequests(send: HttpSend): RequestLog {
  const requests: LoggedRequest[] = [];
  const accepted = (kind: string) =>
    requests.filter((request) => request.kind === kind && request.status >= 200 && request.status < 300);
  return {
    requests,
    accepted,
    leafSerials: () => new Set(accepted('certificate').map(({ body }) => new X509Certificate(body).serialNumber)),
    send: async (request) => {
      const entry: LoggedRequest = { kind: kindOf(request.url), url: request.url, status: 0, body: '' };
      requests.push(entry);
      const answer = await send(request);
      entry.status = answer.status;
      entry.body = answer.body;
      if (answer.headers.location !== undefined) entry.location = answer.headers.location;
      return answer;
    },
  };
}

function kindOf(url: string): string {
  const [, first = ''] = new URL(url).pathname.split('/');
  const kind = KIND_OF_PATH[first];
  if (kind === undefined) throw new Error(`${url} is no URL of Pebble that a run has any business with`);
  return kind;
}

/** How often each of these occurs. */
export function countEach(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
