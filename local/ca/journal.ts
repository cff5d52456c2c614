import type { Endpoint } from './wire.ts';

/** One request as the CA saw it. */
export interface JournalEntry {
  readonly number: number;
  /** Milliseconds of the injected clock. */
  readonly at: number;
  readonly endpoint: Endpoint | 'unknown';
  readonly method: string;
  readonly url: string;
  readonly remoteAddress: string;
  account?: string;
  order?: string;
  /** Decoded JWS payload. */
  payload?: string;
  /** Status sent, or that would have been sent had a fault not taken the answer. */
  status?: number;
  problemType?: string;
  problemDetail?: string;
  /** Kind of the fault that was played. */
  fault?: string;
}

/** One certificate issued. URLs as the client knows them. */
export interface Issuance {
  readonly at: number;
  readonly account: string;
  readonly order: string;
  readonly names: readonly string[];
  readonly profile: string;
  readonly serial: string;
  readonly certId: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly replaces?: string;
}

/** A limit that refused a request. */
export interface LimitHit {
  readonly at: number;
  readonly limit: string;
  readonly scope: string;
  readonly account?: string;
}

/** What happened, for counting and for oracles. Nothing in the CA is decided from it. */
export interface Journal {
  readonly requests: readonly JournalEntry[];
  readonly issued: readonly Issuance[];
  readonly limited: readonly LimitHit[];
  /** Requests, all or of one endpoint. */
  count(endpoint?: Endpoint): number;
  /** Finalize requests received for an order, refused ones included. */
  finalizes(orderUrl: string): number;
  /** Certificates issued for an order: an oracle, more than one is a defect of the CA. */
  issuedFor(orderUrl: string): readonly Issuance[];
  clear(): void;
}

/** The journal's writing side. */
export interface JournalKeeper extends Journal {
  readonly requests: JournalEntry[];
  readonly issued: Issuance[];
  readonly limited: LimitHit[];
}

export function createJournal(): JournalKeeper {
  const requests: JournalEntry[] = [];
  const issued: Issuance[] = [];
  const limited: LimitHit[] = [];
  const at = (endpoint: Endpoint) => requests.filter((entry) => entry.endpoint === endpoint);
  return {
    requests,
    issued,
    limited,
    count: (endpoint) => (endpoint === undefined ? requests.length : at(endpoint).length),
    finalizes: (order) => at('finalize').filter((entry) => entry.order === order).length,
    issuedFor: (order) => issued.filter((entry) => entry.order === order),
    clear: () => {
      requests.length = 0;
      issued.length = 0;
      limited.length = 0;
    },
  };
}
