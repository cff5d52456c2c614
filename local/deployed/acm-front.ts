import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AwsFault } from '../aws/fault.ts';
import type { FakeAccount } from '../aws/seam.ts';
import { type Answer, bodyOf, type Front, passOn, startFront } from './front.ts';
import type { Ground } from './ministack.ts';

/** A running front; `endpoint` is what `AWS_ENDPOINT_URL_ACM` is set to. */
export interface AcmFront extends Front {
  /** What was asked, in order: the operation and whether the account's policies allowed it. */
  calls(): readonly AcmCall[];
}

export interface AcmCall {
  readonly operation: string;
  readonly allowed: boolean;
  /** MiniStack's words for a refusal: they name the role and the action. */
  readonly reason?: string;
}

const TARGET_PREFIX = 'CertificateManager.';
const JSON_TYPE = 'application/x-amz-json-1.1';
const BLOBS = ['Certificate', 'PrivateKey', 'CertificateChain'];

/**
 * Errors of ACM itself: MiniStack's ACM does not know our certificates and says so, but only once its policies have
 * let the call pass. Anything else that is not a success is a refusal, and goes back to the caller as it is.
 */
const ERRORS_OF_ACM = new Set([
  'ConflictException',
  'InvalidArnException',
  'InvalidParameterException',
  'InvalidStateException',
  'InvalidTagException',
  'LimitExceededException',
  'RequestInProgressException',
  'ResourceInUseException',
  'ResourceNotFoundException',
  'TagPolicyException',
  'ThrottlingException',
  'TooManyTagsException',
  'ValidationException',
]);

function parsed(body: Buffer): Record<string, unknown> {
  const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('the body of an ACM call must be a JSON object');
  return { ...value };
}

/** `__type` may carry a namespace before `#`. */
function errorType(answer: Answer): string {
  const { __type: type } = parsed(answer.body);
  return String(type).replace(/^.*#/, '');
}

function isAllowed(verdict: Answer): boolean {
  return verdict.status === 200 || ERRORS_OF_ACM.has(errorType(verdict));
}

/** JSON 1.1 carries bytes as base64. */
function toSdkForm(input: Record<string, unknown>): Record<string, unknown> {
  const bytes = BLOBS.flatMap((name) => {
    const value = input[name];
    return typeof value === 'string' ? [[name, new Uint8Array(Buffer.from(value, 'base64'))]] : [];
  });
  return { ...input, ...Object.fromEntries(bytes) };
}

/** JSON 1.1 carries times as seconds since 1970, with a fraction. */
function toWireForm(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWireForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWireForm(inner)]));
}

function json(status: number, value: unknown, headers: IncomingHttpHeaders = {}): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: Buffer.from(JSON.stringify(value)) };
}

/** A refusal by ACM's own rules, or else a defect, which is answered as one. */
function errorAnswer(error: unknown): Answer {
  const fault = error instanceof AwsFault ? error : new AwsFault('InternalFailure', String(error), 500);
  return json(fault.status, { __type: fault.code, message: fault.message }, { 'x-amzn-errortype': fault.code });
}

async function answerTo(from: IncomingMessage, acm: FakeAccount, ground: Ground, calls: AcmCall[]): Promise<Answer> {
  const operation = String(from.headers['x-amz-target']).replace(TARGET_PREFIX, '');
  const body = await bodyOf(from);
  const verdict = await passOn(from, body, ground);
  if (!isAllowed(verdict)) {
    calls.push({ operation, allowed: false, reason: verdict.body.toString('utf8') });
    return verdict;
  }
  calls.push({ operation, allowed: true });
  return json(200, toWireForm(await acm.call(operation, toSdkForm(parsed(body)))));
}

/**
 * An ACM endpoint that asks MiniStack whether the caller may (its signature, its role, the policies) and the given
 * account what happens then: MiniStack's own ACM takes any bytes for a certificate.
 */
export async function startAcmFront(acm: FakeAccount, ground: Ground): Promise<AcmFront> {
  const calls: AcmCall[] = [];
  const front = await startFront(ground, (from) =>
    answerTo(from, acm, ground, calls).catch((error: unknown) => errorAnswer(error)),
  );
  return { ...front, calls: () => calls };
}
