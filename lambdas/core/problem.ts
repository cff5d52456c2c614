import type { FailureClass, FailureDetail } from './failure.ts';
import { StepFailure } from './failure.ts';

/** Requests as failures tell them apart. */
export type AcmeRequest =
  | 'directory'
  | 'newNonce'
  | 'newAccount'
  | 'newOrder'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate'
  | 'renewalInfo';

/** A problem document (RFC 7807, RFC 8555 section 6.7), as far as it could be parsed. */
export type Problem = {
  /** Without the `urn:ietf:params:acme:error:` prefix; empty when absent. */
  readonly type: string;
  readonly detail: string;
  readonly subproblems: readonly { readonly type: string; readonly detail: string; readonly identifier?: string }[];
};

/** An answer that was not a success, or no answer at all (`status` 0). */
export type AcmeAnswer = {
  readonly request: AcmeRequest;
  readonly status: number;
  readonly problem?: Problem;
  /** Milliseconds since the epoch. */
  readonly retryAt?: number;
};

const URN = 'urn:ietf:params:acme:error:';

/** Reads a problem document; anything else gives an empty type, and the HTTP status decides. */
export function parseProblem(body: unknown): Problem {
  const fields = isRecord(body) ? body : {};
  const subproblems = Array.isArray(fields.subproblems) ? fields.subproblems.filter(isRecord) : [];
  return {
    type: typeName(fields.type),
    detail: text(fields.detail),
    subproblems: subproblems.map((sub) => ({
      type: typeName(sub.type),
      detail: text(sub.detail),
      ...(isRecord(sub.identifier) ? { identifier: text(sub.identifier.value) } : {}),
    })),
  };
}

/** Reaction to each ACME error type (RFC 8555 section 6.7, RFC 9773 section 7.4, profiles draft section 6.3). */
const CLASS_OF_TYPE: Readonly<Record<string, FailureClass>> = {
  accountDoesNotExist: 'transient',
  alreadyReplaced: 'reorder',
  alreadyRevoked: 'bug',
  badCSR: 'bug',
  badNonce: 'transient',
  badPublicKey: 'person',
  badRevocationReason: 'bug',
  badSignatureAlgorithm: 'person',
  caa: 'person',
  compound: 'person',
  connection: 'reorder',
  dns: 'reorder',
  externalAccountRequired: 'person',
  incorrectResponse: 'reorder',
  invalidContact: 'person',
  invalidProfile: 'person',
  malformed: 'bug',
  orderNotReady: 'reconcile',
  rateLimited: 'later',
  rejectedIdentifier: 'person',
  serverInternal: 'caSide',
  tls: 'reorder',
  unauthorized: 'person',
  unsupportedContact: 'person',
  unsupportedIdentifier: 'person',
  userActionRequired: 'person',
};

/** A bug is tried again with a new key after this long. Milliseconds. */
export const BUG_MS = 3_600_000;

/** What an authorization or an order that failed says of a validation is retried with a new order, not before this. */
export const FAILED_VALIDATION_MS = 12 * 60_000;

const UNCERTAIN: readonly AcmeRequest[] = ['newOrder', 'challenge', 'finalize'];

/** The class of an answer. Order of judgement as in `docs/architecture.md`. */
export function classOf(answer: AcmeAnswer): FailureClass {
  const type = answer.problem?.type ?? '';
  if (isUncertain(answer)) return 'reconcile';
  if (isPaused(answer)) return 'person';
  if (answer.retryAt !== undefined || answer.status === 429 || type === 'rateLimited') return 'later';
  return CLASS_OF_TYPE[type] ?? classOfStatus(answer);
}

/** A request that changes something and has no parsed refusal: it may have been carried out. */
function isUncertain({ request, status, problem }: AcmeAnswer): boolean {
  if (!UNCERTAIN.includes(request)) return false;
  return status === 0 || status >= 500 || problem?.type === 'orderNotReady' || (status >= 200 && status < 300);
}

/** Let's Encrypt's "paused": 429 without Retry-After, with a URL that only a person can use. */
function isPaused({ status, retryAt, problem }: AcmeAnswer): boolean {
  return status === 429 && retryAt === undefined && urlIn(problem?.detail ?? '') !== undefined;
}

function classOfStatus({ status, request }: AcmeAnswer): FailureClass {
  if (status < 400 || status >= 500) return request === 'directory' ? 'caSide' : 'transient';
  if (status === 404 && request !== 'directory') return 'reorder';
  return status === 404 || status === 410 ? 'caSide' : 'person';
}

/** The failure that a step throws for an answer, with everything a person needs to act. */
export function failureOf(answer: AcmeAnswer, ca: string): FailureDetail {
  const problem = answer.problem;
  const url = urlIn(problem?.detail ?? '');
  return {
    class: classOf(answer),
    code: problem?.type || (answer.status === 0 ? 'noAnswer' : `http${answer.status}`),
    message: describe(answer, ca),
    ca,
    ...(answer.retryAt === undefined ? {} : { retryAt: answer.retryAt }),
    ...(url === undefined ? {} : { url }),
  };
}

/** What the CA said, in one sentence. */
function describe({ request, status, problem }: AcmeAnswer, ca: string): string {
  const subs = (problem?.subproblems ?? []).map((sub) => `${sub.identifier ?? '?'}: ${sub.type} ${sub.detail}`);
  const said = [problem?.detail ?? '', ...subs].filter((part) => part !== '').join('; ');
  const what = status === 0 ? 'gave no answer to' : `answered ${status}${problem?.type ? ` ${problem.type}` : ''} to`;
  return `${ca} ${what} ${request}${said === '' ? '' : `: ${said}`}`;
}

/** A failed validation or order, from the error the CA recorded (RFC 8555 sections 7.1.3 and 8). */
export function validationFailure(problem: Problem, ca: string, now: number): StepFailure {
  const recorded = CLASS_OF_TYPE[problem.type] ?? 'reorder';
  // What a CA saw during validation (`unauthorized`: a wrong TXT value) is mended by a new order, not by a person.
  const failureClass =
    problem.type === 'unauthorized' || recorded === 'bug' || recorded === 'transient' ? 'reorder' : recorded;
  const subs = problem.subproblems.map((sub) => `${sub.identifier ?? '?'}: ${sub.type} ${sub.detail}`);
  const said = [problem.detail, ...subs].filter((part) => part !== '').join('; ');
  return new StepFailure({
    class: failureClass,
    code: problem.type || 'orderInvalid',
    message: `${ca} ended the order: ${problem.type || 'no reason given'}${said === '' ? '' : `: ${said}`}`,
    ca,
    ...(failureClass === 'reorder' ? { retryAt: now + FAILED_VALIDATION_MS } : {}),
  });
}

function urlIn(detail: string): string | undefined {
  return /https:\/\/[^\s<>"')]+/.exec(detail)?.[0];
}

function typeName(type: unknown): string {
  const name = text(type);
  return name.toLowerCase().startsWith(URN) ? name.slice(URN.length) : name === 'about:blank' ? '' : name;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
