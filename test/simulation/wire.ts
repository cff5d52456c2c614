import type { HttpRequest, HttpResponse, HttpSend } from '../../lambdas/acme/http.ts';
import type { Ca } from '../../local/ca/ca.ts';
import type { FaultRule } from '../../local/ca/faults.ts';
import type { VirtualTime } from '../../local/embedded/virtual-time.ts';
import { sendTo } from '../support/local-ca-send.ts';
import type { Chance } from './chance.ts';
import type { Watch } from './watch.ts';

export type WireParts = {
  readonly ca: () => Ca;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly watch: Watch;
  readonly faults: () => number;
};

/** A request that was aborted may arrive this much later, and not after that. Milliseconds. */
const LATE_MS = 4_000;

/** The way to the CA: requests may hang until they are aborted, and arrive after that. Tells what is on the wire. */
export function createWire({ ca, time, chance, watch, faults }: WireParts): HttpSend {
  const deliver = sendTo(ca);
  const arrive = async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      return await deliver(request);
    } finally {
      watch.left(request.url);
    }
  };
  return async (request) => {
    watch.sent(request.url);
    if (!chance.happens(faults())) return arrive(request);
    const { timeoutMs } = request;
    const arrivesAfter = chance.happens(0.5) ? chance.between(1, timeoutMs + LATE_MS) : undefined;
    const end = arrivesAfter ?? timeoutMs;
    void time.clock.sleep(end).then(async () => {
      if (arrivesAfter === undefined) watch.left(request.url);
      else await arrive(request).catch(() => undefined);
    });
    await time.clock.sleep(timeoutMs);
    throw new Error(`${request.method} ${request.url} was aborted after ${timeoutMs} ms`);
  };
}

const PROBLEM = { 'content-type': 'application/problem+json' };
const problem = (type: string, detail: string, status: number) =>
  JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status });
const NOT_READY = {
  status: 403,
  headers: PROBLEM,
  body: problem('orderNotReady', `Order's status ("valid") is not acceptable for finalization`, 403),
};

/** What the CA and the proxies in front of it do wrong. */
export function caFaults(chance: number): readonly FaultRule[] {
  const always = { times: Number.POSITIVE_INFINITY, chance };
  const limited = { status: 429, body: problem('rateLimited', 'too many', 429) };
  return [
    { endpoint: 'finalize', fault: { kind: 'overwrite', ...NOT_READY }, ...always },
    { endpoint: 'finalize', fault: { kind: 'answer', ...NOT_READY }, ...always },
    { endpoint: 'finalize', fault: { kind: 'overwrite', status: 504, body: '<html>gateway</html>' }, ...always },
    {
      endpoint: 'newOrder',
      fault: { kind: 'answer', ...limited, headers: { ...PROBLEM, 'retry-after': '120' } },
      ...always,
    },
    {
      endpoint: 'order',
      fault: { kind: 'overwrite', status: 500, body: problem('serverInternal', 'oops', 500) },
      ...always,
    },
    { endpoint: 'any', fault: { kind: 'lose' }, ...always },
    { endpoint: 'any', fault: { kind: 'refuse' }, ...always },
    { endpoint: 'any', fault: { kind: 'refuseNonce' }, ...always },
    { endpoint: 'any', fault: { kind: 'wrongNonce' }, ...always },
    { endpoint: 'any', fault: { kind: 'corrupt' }, ...always },
    { endpoint: 'any', fault: { kind: 'extraFields' }, ...always },
    {
      endpoint: 'any',
      fault: { kind: 'answer', status: 503, headers: { 'retry-after': '7' }, body: 'busy' },
      ...always,
    },
  ];
}
