import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import { AwsFault } from '../aws/fault.ts';
import type { FakeAccount } from '../aws/seam.ts';
import type { Ground } from './ministack.ts';

/** A running front; `endpoint` is what `AWS_ENDPOINT_URL_ACM` is set to. */
export interface AcmFront {
  readonly endpoint: string;
  /** What was asked, in order: the operation and whether the account's policies allowed it. */
  calls(): readonly AcmCall[];
  stop(): Promise<void>;
}

export interface AcmCall {
  readonly operation: string;
  readonly allowed: boolean;
  /** MiniStack's words for a refusal: they name the role and the action. */
  readonly reason?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
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

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The request once more, byte for byte: `Host` is among the signed headers, so it must stay that of the front. */
async function passOn(from: IncomingMessage, body: Buffer, ground: Ground): Promise<Answer> {
  const { hostname, port } = new URL(ground.endpoint);
  const sent = request({
    hostname,
    port,
    method: from.method,
    path: from.url,
    headers: from.headers,
    ca: ground.tls.rootPem,
    servername: hostname,
    agent: false,
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) };
}

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

function send(response: ServerResponse, answer: Answer): void {
  const { 'content-type': contentType, 'x-amzn-errortype': type } = answer.headers;
  response.writeHead(answer.status, {
    'content-type': contentType ?? JSON_TYPE,
    'content-length': answer.body.length,
    ...(type === undefined ? {} : { 'x-amzn-errortype': type }),
  });
  response.end(answer.body);
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
  const server = createServer({ cert: ground.tls.certificatePem, key: ground.tls.privateKeyPem }, (from, response) => {
    answerTo(from, acm, ground, calls).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, errorAnswer(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    endpoint: `https://localhost:${address.port}`,
    calls: () => calls,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
