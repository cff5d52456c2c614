import type { IncomingMessage } from 'node:http';
import { bodyOf, type Front, passOn, startFront } from '../../../local/deployed/front.ts';
import type { Ground } from '../../../local/deployed/ministack.ts';

/**
 * `unavailable`: 503, and nothing was done. `throttled`: refused as the JSON protocols do. `lost`: it was done, and the answer
 * is a proxy's 502.
 */
export type ServiceFault = 'unavailable' | 'throttled' | 'lost';

const THROTTLED = Buffer.from('{"__type":"ThrottlingException","message":"Rate exceeded"}');

/** A service as it is, but for some calls that go wrong. */
export interface FaultyFront extends Front {
  /** What goes wrong at the next writes, one each; reads are answered. */
  breakWrites(...faults: readonly ServiceFault[]): void;
  /** How many of them have been played. */
  played(): number;
}

export async function startFaultyFront(ground: Ground): Promise<FaultyFront> {
  const waiting: ServiceFault[] = [];
  let played = 0;
  const front = await startFront(ground, async (from) => {
    const body = await bodyOf(from);
    const fault = isWrite(from) ? waiting.shift() : undefined;
    if (fault !== undefined) played += 1;
    if (fault === 'unavailable') return { status: 503, headers: {}, body: Buffer.alloc(0) };
    if (fault === 'throttled')
      return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: THROTTLED };
    const answer = await passOn(from, body, ground);
    return fault === 'lost' ? { status: 502, headers: {}, body: Buffer.alloc(0) } : answer;
  });
  return { ...front, breakWrites: (...faults) => waiting.push(...faults), played: () => played };
}

/** By the method of REST, or by the operation that the JSON protocols name. */
function isWrite({ method, headers }: IncomingMessage): boolean {
  const operation = String(headers['x-amz-target'] ?? '').replace(/^.*\./, '');
  return operation === '' ? method !== 'GET' && method !== 'HEAD' : !/^(Get|Describe|List)/.test(operation);
}
