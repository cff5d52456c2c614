import { account, newAccount } from './accounts.ts';
import { renewalInfo } from './ari.ts';
import { verifyPostAsGet } from './authenticate.ts';
import { authorization } from './authorizations.ts';
import { certificate } from './certificates.ts';
import { challenge } from './challenges.ts';
import { directory, newNonce } from './directory.ts';
import { type Fault, type FaultDeck, spoil } from './faults.ts';
import { finalize } from './finalize.ts';
import type { JournalEntry } from './journal.ts';
import { keyChange } from './key-change.ts';
import { newOrder, order, ordersList } from './orders.ts';
import type { Outcome } from './outcome.ts';
import { AcmeProblem, malformed, notFound } from './problems.ts';
import { revokeCert } from './revocation.ts';
import { routeOf } from './urls.ts';
import { type CaAnswer, type CaRequest, type Endpoint, link } from './wire.ts';
import type { Call, World } from './world.ts';

type Handler = (world: World, call: Call) => CaAnswer | Promise<CaAnswer>;

const POST: Readonly<Record<Endpoint, Handler>> = {
  directory: (world, call) => {
    verifyPostAsGet(world, call);
    return directory(world);
  },
  newNonce: (world, call) => {
    verifyPostAsGet(world, call);
    return newNonce('GET');
  },
  newAccount,
  account,
  orders: ordersList,
  keyChange,
  newOrder,
  order,
  finalize,
  authorization,
  challenge,
  certificate,
  revokeCert,
  renewalInfo: () => {
    throw methodNotAllowed('GET');
  },
};

const GET: Partial<Record<Endpoint, Handler>> = {
  directory,
  newNonce: (_world, call) => newNonce(call.request.method),
  renewalInfo,
};

function methodNotAllowed(allowed: string): AcmeProblem {
  return new AcmeProblem('malformed', 'Method not allowed', { status: 405, headers: { Allow: allowed } });
}

function handlerFor(endpoint: Endpoint, method: string): Handler {
  const get = GET[endpoint];
  const handler = method === 'POST' ? POST[endpoint] : method === 'GET' || method === 'HEAD' ? get : undefined;
  if (handler) return handler;
  throw methodNotAllowed(get === undefined ? 'POST' : 'GET, HEAD, POST');
}

async function perform(world: World, call: Call): Promise<CaAnswer> {
  const handler = handlerFor(call.endpoint, call.request.method);
  world.limits.admit(call.endpoint, call.request.remoteAddress ?? '127.0.0.1');
  // RFC 8555 section 6.1: "ACME clients MUST send a User-Agent header field".
  if (!call.request.headers['user-agent']) throw malformed('Header User-Agent is missing');
  return handler(world, call);
}

function refusal(error: unknown, entry: JournalEntry): CaAnswer {
  if (!(error instanceof AcmeProblem)) throw error;
  entry.problemType = error.type;
  entry.problemDetail = error.message;
  return error.answer();
}

function needsNonce(call: Call): boolean {
  return call.request.method === 'POST' || call.endpoint === 'newNonce';
}

/**
 * RFC 8555 sections 6.5 (Replay-Nonce on every answer to a POST) and 7.1 (index link on all but the directory). `Date` is by the
 * CA's own clock, as all its instants are.
 */
function dress(world: World, call: Call, answer: CaAnswer): CaAnswer {
  const links = [answer.headers.Link ?? []].flat();
  if (call.endpoint !== 'directory') links.push(link(world.urls.directory(), 'index'));
  const headers = {
    Date: new Date(world.clock.now()).toUTCString(),
    'Cache-Control': 'public, max-age=0, no-cache',
    ...answer.headers,
    ...(links.length > 0 ? { Link: links } : {}),
    ...(needsNonce(call) ? { 'Replay-Nonce': world.nonces.issue() } : {}),
  };
  return { ...answer, headers, body: call.request.method === 'HEAD' ? '' : answer.body };
}

async function act(world: World, call: Call): Promise<CaAnswer> {
  const answer = await perform(world, call).catch((error: unknown) => refusal(error, call.entry));
  call.entry.status = answer.status;
  return dress(world, call, answer);
}

function newEntry(world: World, request: CaRequest, endpoint: Endpoint | 'unknown', url: string): JournalEntry {
  const entry: JournalEntry = {
    number: world.journal.requests.length + 1,
    at: world.clock.now(),
    endpoint,
    method: request.method,
    url,
    remoteAddress: request.remoteAddress ?? '127.0.0.1',
  };
  world.journal.requests.push(entry);
  return entry;
}

function unknownResource(entry: JournalEntry): Outcome {
  const answer = refusal(notFound('resource'), entry);
  entry.status = answer.status;
  return { kind: 'answer', answer };
}

/** What comes of a request whose fault strikes before the CA acts; undefined when it acts all the same. */
async function before(world: World, fault: Fault | undefined): Promise<Outcome | undefined> {
  if (fault?.kind === 'refuse') return { kind: 'disconnect', code: 'ECONNREFUSED' };
  if (fault?.kind === 'delay') await world.clock.sleep(fault.ms);
  if (fault?.kind !== 'answer') return undefined;
  return { kind: 'answer', answer: { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' } };
}

function after(answer: CaAnswer, fault: Fault | undefined): Outcome {
  if (fault?.kind === 'lose') return { kind: 'disconnect', code: 'ECONNRESET' };
  if (fault?.kind === 'silence') return { kind: 'silence' };
  if (fault?.kind === 'reset') return { kind: 'disconnect', code: 'ECONNRESET', partial: answer };
  return { kind: 'answer', answer: fault ? spoil(answer, fault) : answer };
}

/** Takes one request through faults, handlers and journal. */
export async function route(world: World, faults: FaultDeck, request: CaRequest): Promise<Outcome> {
  const { pathname, search } = new URL(request.url, world.urls.at('/'));
  const found = routeOf(pathname);
  const url = world.urls.at(pathname + search);
  const entry = newEntry(world, request, found?.endpoint ?? 'unknown', url);
  if (!found) return unknownResource(entry);
  const fault = faults.draw(found.endpoint, request);
  if (fault) entry.fault = fault.kind;
  const early = await before(world, fault);
  if (early) return early;
  const call: Call = {
    request,
    endpoint: found.endpoint,
    id: found.id,
    url,
    entry,
    refuseNonce: fault?.kind === 'refuseNonce',
    ...(fault?.kind === 'failOrder' ? { failOrder: fault.problem } : {}),
  };
  return after(await act(world, call), fault);
}
