import { type CaAnswer, json } from './wire.ts';

/** Problem types of RFC 8555 section 6.7, RFC 9773 section 7.4 and the profiles draft, with the HTTP status that Boulder sends. */
const STATUS = {
  accountDoesNotExist: 400,
  alreadyReplaced: 409,
  alreadyRevoked: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  caa: 403,
  conflict: 409,
  connection: 400,
  dns: 400,
  externalAccountRequired: 403,
  incorrectResponse: 403,
  invalidContact: 400,
  invalidProfile: 400,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 400,
  serverInternal: 500,
  tls: 400,
  unauthorized: 403,
  unsupportedContact: 400,
  unsupportedIdentifier: 400,
  userActionRequired: 403,
} as const;

export type ProblemType = keyof typeof STATUS;

export interface Identifier {
  readonly type: string;
  readonly value: string;
}

/** A problem document (RFC 7807) as it stands in answers, orders and challenges. */
export interface ProblemDocument {
  readonly type: string;
  readonly detail: string;
  readonly status?: number;
  readonly instance?: string;
  readonly algorithms?: readonly string[];
  readonly identifier?: Identifier;
  readonly subproblems?: readonly ProblemDocument[];
}

interface Extras {
  readonly status?: number;
  readonly instance?: string;
  readonly algorithms?: readonly string[];
  readonly subproblems?: readonly ProblemDocument[];
  readonly headers?: CaAnswer['headers'];
}

const PREFIX = 'urn:ietf:params:acme:error:';

/** Thrown wherever a request is refused; the router turns it into `application/problem+json` (RFC 8555 section 6.7). */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem';
  readonly type: ProblemType;
  readonly status: number;
  readonly extras: Extras;

  constructor(type: ProblemType, detail: string, extras: Extras = {}) {
    super(detail);
    this.type = type;
    this.status = extras.status ?? STATUS[type];
    this.extras = extras;
  }

  /** The document, as an order's or a challenge's `error` too. */
  document(): ProblemDocument {
    const { instance, algorithms, subproblems } = this.extras;
    return {
      type: `${PREFIX}${this.type}`,
      detail: this.message,
      status: this.status,
      ...(instance === undefined ? {} : { instance }),
      ...(algorithms === undefined ? {} : { algorithms }),
      ...(subproblems === undefined ? {} : { subproblems }),
    };
  }

  answer(): CaAnswer {
    const headers = { ...this.extras.headers, 'Content-Type': 'application/problem+json' };
    return json(this.status, this.document(), headers);
  }
}

export function malformed(detail: string, status = 400): AcmeProblem {
  return new AcmeProblem('malformed', detail, { status });
}

export function notFound(what: string): AcmeProblem {
  return malformed(`No such ${what}`, 404);
}

export function unauthorized(detail: string): AcmeProblem {
  return new AcmeProblem('unauthorized', detail);
}

/** A problem of one identifier, for `subproblems` (RFC 8555 section 6.7.1). */
export function subproblem(problem: AcmeProblem, identifier: Identifier): ProblemDocument {
  return { ...problem.document(), identifier };
}
