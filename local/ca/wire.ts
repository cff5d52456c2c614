/** A request as the CA takes it, from a socket or in process. */
export interface CaRequest {
  readonly method: string;
  /** Absolute, or the path alone. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Address that the per-address limits go by. Default `127.0.0.1`. */
  readonly remoteAddress?: string;
}

/** An answer; header names as they go onto the wire, several values as a list. */
export interface CaAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** The resources of RFC 8555 section 7.1 and RFC 9773 section 4.1, as faults and the journal name them. */
export const ENDPOINTS = [
  'directory',
  'newNonce',
  'newAccount',
  'account',
  'orders',
  'keyChange',
  'newOrder',
  'order',
  'finalize',
  'authorization',
  'challenge',
  'certificate',
  'revokeCert',
  'renewalInfo',
] as const;

export type Endpoint = (typeof ENDPOINTS)[number];

/** A JSON answer. Undefined members are left out. */
export function json(status: number, body: object, headers: CaAnswer['headers'] = {}): CaAnswer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body, null, 2) };
}

/** A Link header value (RFC 8288). */
export function link(url: string, relation: string): string {
  return `<${url}>;rel="${relation}"`;
}
