import { AsyncLocalStorage } from 'node:async_hooks';
import * as acme from 'acme-client';
import type { AcmeAnswer, AcmeRequest } from '../core/problem.ts';
import { parseProblem } from '../core/problem.ts';
import { parseRetryAfter } from '../core/retry-after.ts';
import { clockAhead } from './ca-clock.ts';
import { parseDirectory, parseJson } from './directory.ts';
import { AcmeError } from './error.ts';
import type { HttpResponse, HttpSend } from './http.ts';
import type { NoncePool } from './nonces.ts';
import { requestIdOf } from './request-id.ts';
import { isForeignUrl, isTlsRefusal, termsUrlIn, USER_AGENT } from './request-rules.ts';

/** The directory object of a session, once it is known (RFC 8555 section 7.1.1). */
export type KnownDirectory = { directory?: Readonly<Record<string, unknown>> };

/** One request to one CA: everything it needs and what its answers left behind. */
export type Exchange = {
  readonly ca: string;
  readonly directoryUrl: string;
  readonly rootsPem?: string;
  /** Hosts besides the directory's at which the CA may be asked. */
  readonly otherHosts?: readonly string[];
  readonly send: HttpSend;
  readonly nonces: NoncePool;
  readonly now: () => number;
  /** Aborted by then, milliseconds since the epoch. */
  readonly deadline: number;
  readonly known: KnownDirectory;
  /** What the signed request is for. */
  readonly request: AcmeRequest;
  badNonces: number;
  /** Of the last answer, milliseconds since the epoch. */
  retryAt?: number;
  /** How far the CA's clock was ahead of ours at the last answer. Milliseconds. */
  clockAhead: number;
  /** HTTP status of the last answer; 0 before there is one. */
  status: number;
  /** Where the last request was sent. */
  url?: string;
  /** What the CA calls the last request, where it says so. */
  requestId?: string;
};

/** acme-client signs again with the nonce of a badNonce answer, at most this often. */
const MAX_BAD_NONCES = 5;

const current = new AsyncLocalStorage<Exchange>();

/** The part of an axios request that this adapter reads. */
type AdapterConfig = { url?: string; method?: string; data?: unknown };

// acme-client has one HTTP client for the whole process, whose own retries sleep and repeat signed bodies; this adapter
// replaces what it sends with, and hands every failure to its interceptor in a form that it passes on at once.
acme.axios.defaults.adapter = async (config) => {
  const exchange = current.getStore();
  if (exchange === undefined) throw new Error('acme-client was called outside of an ACME session');
  const answer = await answerFor(exchange, config);
  return {
    data: answer.body,
    status: answer.status,
    statusText: '',
    headers: { ...answer.headers },
    config,
    request: {},
  };
};

/** Runs one acme-client call as an exchange. */
export async function within<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
  try {
    return await current.run(exchange, work);
  } catch (error) {
    if (error instanceof AcmeError) throw error;
    // acme-client's own complaints (no Location, a body that is no object): an answer that cannot be used.
    const { request, status, ca } = exchange;
    throw new AcmeError({ request, status }, ca, { cause: error });
  }
}

async function answerFor(exchange: Exchange, config: AdapterConfig): Promise<HttpResponse> {
  const url = config.url ?? '';
  const method = (config.method ?? 'get').toUpperCase();
  if (url === exchange.directoryUrl && method === 'GET') return readDirectory(exchange);
  if (method === 'HEAD') return readNonce(exchange, url);
  return exchangeSigned(exchange, url, String(config.data ?? ''));
}

async function readDirectory(exchange: Exchange): Promise<HttpResponse> {
  if (exchange.known.directory === undefined) {
    const answer = await sendOnce(exchange, 'directory', exchange.directoryUrl, 'GET');
    refuseUnless(answer.status === 200, exchange, 'directory', answer);
    exchange.known.directory = parseDirectory(answer.body) ?? refuse(exchange, 'directory', answer);
  }
  return { status: 200, headers: {}, body: JSON.stringify(exchange.known.directory) };
}

async function readNonce(exchange: Exchange, url: string): Promise<HttpResponse> {
  const pooled = exchange.nonces.take();
  if (pooled !== undefined) return { status: 200, headers: { 'replay-nonce': pooled }, body: '' };
  const answer = await sendOnce(exchange, 'newNonce', url, 'HEAD');
  refuseUnless(answer.status === 200 || answer.status === 204, exchange, 'newNonce', answer);
  return answer;
}

async function exchangeSigned(exchange: Exchange, url: string, body: string): Promise<HttpResponse> {
  const { request } = exchange;
  const answer = await sendOnce(exchange, request, url, 'POST', body);
  exchange.status = answer.status;
  const requestId = requestIdOf(answer);
  if (requestId !== undefined) exchange.requestId = requestId;
  const retryAt = retryAtIn(exchange, answer);
  if (retryAt !== undefined) exchange.retryAt = retryAt;
  if (isBadNonce(answer)) return repeatable(exchange, answer);
  const nonce = answer.headers['replay-nonce'];
  if (nonce !== undefined) exchange.nonces.give(nonce);
  refuseUnless(answer.status >= 200 && answer.status < 300, exchange, request, answer);
  return isExisting(request, answer) ? { ...answer, status: 201 } : answer;
}

/**
 * acme-client takes 201 only for an order, and answers 200 to newAccount by an update that some CAs refuse as empty. What a CA
 * had already is as good as new.
 */
function isExisting(request: AcmeRequest, { status }: HttpResponse): boolean {
  return (request === 'newOrder' || request === 'newAccount') && status === 200;
}

/** The library signs again with this answer's nonce, so it must not go into the pool too. */
function repeatable(exchange: Exchange, answer: HttpResponse): HttpResponse {
  exchange.badNonces += 1;
  refuseUnless(exchange.badNonces <= MAX_BAD_NONCES, exchange, exchange.request, answer);
  return answer;
}

async function sendOnce(
  exchange: Exchange,
  request: AcmeRequest,
  url: string,
  method: string,
  body?: string,
): Promise<HttpResponse> {
  refuseForeignUrl(exchange, request, url);
  exchange.url = url;
  const timeoutMs = exchange.deadline - exchange.now();
  if (timeoutMs <= 0)
    throw new AcmeError({ request, status: 0 }, exchange.ca, { cause: new Error('no time left in this invocation') });
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, accept: '*/*' };
  if (body !== undefined) headers['content-type'] = 'application/jose+json';
  try {
    const answer = await exchange.send({
      url,
      method,
      headers,
      timeoutMs,
      about: { ca: exchange.ca, request },
      ...(body === undefined ? {} : { body }),
      ...(exchange.rootsPem === undefined ? {} : { rootsPem: exchange.rootsPem }),
    });
    exchange.clockAhead = clockAhead(answer.headers.date, exchange.now());
    return answer;
  } catch (error) {
    const type = isTlsRefusal(error) ? 'untrustedCa' : '';
    const problem = { type, detail: reasonOf(error), subproblems: [] };
    throw new AcmeError({ request, status: 0, problem }, exchange.ca, { cause: error });
  }
}

function refuseForeignUrl(exchange: Exchange, request: AcmeRequest, url: string): void {
  if (!isForeignUrl(exchange.directoryUrl, url, exchange.otherHosts)) return;
  const { host } = new URL(exchange.directoryUrl);
  const detail = `the CA returned the URL ${url.slice(0, 200)}, which is not on https://${host}`;
  throw new AcmeError({ request, status: 200, problem: { type: 'foreignUrl', detail, subproblems: [] } }, exchange.ca);
}

function refuseUnless(holds: boolean, exchange: Exchange, request: AcmeRequest, answer: HttpResponse): void {
  if (!holds) refuse(exchange, request, answer);
}

function refuse(exchange: Exchange, request: AcmeRequest, answer: HttpResponse): never {
  const retryAt = retryAtIn(exchange, answer);
  const requestId = requestIdOf(answer);
  const found: AcmeAnswer = {
    request,
    status: answer.status,
    problem: parseProblem(parseJson(answer.body)),
    ...(exchange.url === undefined ? {} : { url: exchange.url }),
    ...termsUrlIn(answer),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
  throw new AcmeError(found, exchange.ca);
}

function retryAtIn({ now, clockAhead: ahead }: Exchange, { headers }: HttpResponse): number | undefined {
  return parseRetryAfter(headers['retry-after'], now(), ahead);
}

function isBadNonce(answer: HttpResponse): boolean {
  return answer.status === 400 && parseProblem(parseJson(answer.body)).type === 'badNonce';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
