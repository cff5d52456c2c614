import type { FailureClass, FailureDetail } from './failure.ts';
import { StepFailure } from './failure.ts';
import { scopeOf } from './failure-scope.ts';
import { ruleOf, typeName, UNSENT_TYPES } from './problem-types.ts';

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
  readonly subproblems: readonly Subproblem[];
  /** Where a person can act (RFC 8555 section 6.7): the terms to agree to. */
  readonly instance?: string;
  /** With badSignatureAlgorithm: the algorithms that would be taken (RFC 8555 section 6.2). */
  readonly algorithms?: readonly string[];
};

/** What a problem says of one identifier (RFC 8555 section 6.7.1). */
export type Subproblem = { readonly type: string; readonly detail: string; readonly identifier?: string };

/** An answer that was not a success, or no answer at all (`status` 0). */
export type AcmeAnswer = {
  readonly request: AcmeRequest;
  readonly status: number;
  readonly problem?: Problem;
  /** Milliseconds since the epoch. */
  readonly retryAt?: number;
  /** Where the request was sent. */
  readonly url?: string;
  /** The `terms-of-service` link of the answer (RFC 8555 section 7.3.3). */
  readonly termsUrl?: string;
  /** What the CA calls the request, where it says so: what its support asks for. */
  readonly requestId?: string;
};

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
    ...(text(fields.instance) === '' ? {} : { instance: text(fields.instance) }),
    ...(Array.isArray(fields.algorithms) ? { algorithms: fields.algorithms.map(text) } : {}),
  };
}

/** A bug is tried again with a new key after this long. Milliseconds. */
export const BUG_MS = 3_600_000;

/** What an authorization or an order that failed says of a validation is retried with a new order, not before this. */
export const FAILED_VALIDATION_MS = 12 * 60_000;

const UNCERTAIN: readonly AcmeRequest[] = ['newOrder', 'challenge', 'finalize'];

/** The class of an answer. Order of judgement as in `docs/architecture.md`. */
export function classOf(answer: AcmeAnswer): FailureClass {
  const { problem, status, retryAt } = answer;
  const type = problem?.type ?? '';
  if (isUncertain(answer)) return 'reconcile';
  if (isPaused(answer)) return 'person';
  if (retryAt !== undefined || status === 429 || type === 'rateLimited') return 'later';
  if (isOtherUrl(answer)) return 'person';
  return classOfNames(problem) ?? ruleOf(type)?.class ?? classOfStatus(answer);
}

/** A request that changes something and has no parsed refusal: it may have been carried out. */
function isUncertain({ request, status, problem }: AcmeAnswer): boolean {
  if (!UNCERTAIN.includes(request) || UNSENT_TYPES.includes(problem?.type ?? '')) return false;
  return status === 0 || status >= 500 || problem?.type === 'orderNotReady' || (status >= 200 && status < 300);
}

/** Let's Encrypt's "paused": 429 without Retry-After, with a URL that only a person can use. */
function isPaused({ status, retryAt, problem }: AcmeAnswer): boolean {
  return status === 429 && retryAt === undefined && urlIn(problem?.detail ?? '') !== undefined;
}

/** A proxy rewrites host or path: the signed URL is not the one the CA sees (RFC 8555 section 6.4). */
function isOtherUrl({ problem, url }: AcmeAnswer): boolean {
  if (url === undefined || (problem?.type !== 'unauthorized' && problem?.type !== 'malformed')) return false;
  const seen = problem.detail.match(/https?:\/\/[^\s<>"',)]+/g) ?? [];
  return /\burl\b/i.test(problem.detail) && seen.some((other) => other !== url);
}

/** Whatever a refusal calls itself: where single names are refused for good, only a person can mend that. */
function classOfNames(problem: Problem | undefined): FailureClass | undefined {
  const classes = (problem?.subproblems ?? []).map(({ type }) => ruleOf(type)?.class);
  return classes.includes('person') ? 'person' : undefined;
}

function classOfStatus({ status, request }: AcmeAnswer): FailureClass {
  if (status < 400 || status >= 500 || status === 408) return request === 'directory' ? 'caSide' : 'transient';
  if (status === 404 && request !== 'directory') return 'reorder';
  return status === 404 || status === 410 ? 'caSide' : 'person';
}

/** The failure that a step throws for an answer, with everything a person needs to act. */
export function failureOf(answer: AcmeAnswer, ca: string): FailureDetail {
  const { problem, status, retryAt, request, requestId } = answer;
  const failureClass = classOf(answer);
  const url = urlToOpen(answer);
  return {
    class: failureClass,
    code: codeOf(answer),
    message: [describe(answer, ca), ...remedyOf(answer, failureClass)].join('. '),
    ca,
    request,
    ...(status === 0 ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(problem === undefined || problem.subproblems.length === 0 ? {} : { subproblems: problem.subproblems }),
    ...(failureClass === 'later' ? { scope: scopeOf(answer) } : {}),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(url === undefined ? {} : { url }),
  };
}

function codeOf(answer: AcmeAnswer): string {
  if (isOtherUrl(answer)) return 'otherUrl';
  return answer.problem?.type || (answer.status === 0 ? 'noAnswer' : `http${answer.status}`);
}

function remedyOf(answer: AcmeAnswer, failureClass: FailureClass): readonly string[] {
  if (failureClass !== 'person' || isPaused(answer)) return [];
  if (isOtherUrl(answer))
    return [`The request was signed for ${answer.url}: something between rewrites host or path. Reach the CA directly`];
  const taken = answer.problem?.algorithms ?? [];
  const remedy = ruleOf(answer.problem?.type ?? '')?.remedy;
  return [...(taken.length === 0 ? [] : [`It takes ${taken.join(', ')}`]), ...(remedy === undefined ? [] : [remedy])];
}

/** Types whose detail may hold the URL that a person must open; in others a URL is only spoken of. */
const ACTIONABLE: readonly string[] = ['userActionRequired', 'externalAccountRequired', 'unauthorized'];

function urlToOpen(answer: AcmeAnswer): string | undefined {
  const { problem, termsUrl } = answer;
  const isActionable = isPaused(answer) || ACTIONABLE.includes(problem?.type ?? '');
  if (problem === undefined || !isActionable || isOtherUrl(answer)) return undefined;
  const terms = problem.type === 'userActionRequired' ? (problem.instance ?? termsUrl) : undefined;
  return terms ?? urlIn(problem.detail);
}

/** What the CA said, in one sentence. */
export function describe({ request, status, problem }: AcmeAnswer, ca: string): string {
  const subs = (problem?.subproblems ?? []).map((sub) => `${sub.identifier ?? '?'}: ${sub.type} ${sub.detail}`);
  const said = [problem?.detail ?? '', ...subs].filter((part) => part !== '').join('; ');
  const what = status === 0 ? 'gave no answer to' : `answered ${status}${problem?.type ? ` ${problem.type}` : ''} to`;
  return `${ca} ${what} ${request}${said === '' ? '' : `: ${said.replace(/[.\s]+$/, '')}`}`;
}

/** A failed validation or order, from the error the CA recorded (RFC 8555 sections 7.1.3 and 8). */
export function validationFailure(problem: Problem, ca: string, now: number): StepFailure {
  const recorded = ruleOf(problem.type)?.class ?? 'reorder';
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
  return /https:\/\/[^\s<>"')]+/.exec(detail)?.[0].replace(/[.,;:!?]+$/, '');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
