import { StepFailure } from '../../lambdas/core/failure.ts';
import { TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import type { CallPlan, Calls, OutsideCall } from '../../local/embedded/calls.ts';
import type { VirtualTime } from '../../local/embedded/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { Trace } from './trace.ts';

/** What becomes of one call. */
const FATES = [
  'is not sent',
  'is not sent and not repeated',
  'loses its answer',
  'loses its answer and is not repeated',
  'is killed before',
  'is killed after',
  'is throttled',
  'is slow',
] as const;
type Fate = (typeof FATES)[number];

export type FateParts = {
  readonly calls: Calls;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  /** Chance of a fault at a call, now. */
  readonly faults: () => number;
};

const LAMBDA_MS = TIMEOUTS.lambda * 1000;
/** What a Lambda has sent before its end still arrives this much later, and not after that. Milliseconds. */
const LATE_MS = 4_000;
/** A handshake reports what is wrong; it does not fail. */
const NEVER_FAIL = ['tls'];

/**
 * The scheduler: each call waits a drawn time before it acts and before its caller goes on, so the seed decides which of all
 * waiting calls is next. A Lambda that has run for its timeout goes on no more.
 */
export function createFates({ calls, time, chance, trace, faults }: FateParts): CallPlan {
  const begun = new Map<number, number>();
  const endOf = (call: OutsideCall): number => {
    const start = begun.get(call.invocation) ?? time.clock.now();
    begun.set(call.invocation, start);
    return start + LAMBDA_MS;
  };
  return async (call, act) => {
    if (call.invocation === 0) return act();
    const end = endOf(call);
    await time.clock.sleep(scheduled(chance));
    const fate = chance.happens(faults()) ? drawFate(chance, call) : undefined;
    trace.add(
      `${time.clock.now()} ${call.number} ${call.handler}#${call.invocation} ${call.service} ${call.operation} ${fate ?? ''}`,
    );
    if (fate === 'is slow') await time.clock.sleep(chance.between(500, 75_000));
    if (time.clock.now() >= end + LATE_MS) return calls.kill();
    await meet(fate, call, act, calls);
    await time.clock.sleep(scheduled(chance));
    return time.clock.now() >= end ? calls.kill() : undefined;
  };
}

async function meet(
  fate: Fate | undefined,
  call: OutsideCall,
  act: () => Promise<unknown>,
  calls: Calls,
): Promise<void> {
  switch (fate) {
    case 'is not sent':
    case 'is not sent and not repeated':
      throw lost(call, fate);
    case 'is throttled':
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client', $metadata: {} });
    case 'loses its answer':
    case 'loses its answer and is not repeated':
      await act();
      throw lost(call, fate);
    case 'is killed before':
      return calls.kill();
    case 'is killed after':
      await act();
      return calls.kill();
    default:
      await act();
  }
}

function drawFate(chance: Chance, { service }: OutsideCall): Fate {
  const fate = chance.among(FATES);
  if (NEVER_FAIL.includes(service) && !fate.startsWith('is killed')) return 'is slow';
  if (service === 'dns' && fate === 'is throttled') return 'is not sent';
  // How long a request to the CA takes is decided on the wire, which knows when it is aborted.
  if (service === 'acme' && (fate === 'is throttled' || fate === 'is slow')) return 'is not sent';
  return fate;
}

/** Half of the calls go on in the same millisecond, in the order of their coming; of the others the shortest wait is next. */
function scheduled(chance: Chance): number {
  return chance.happens(0.5) ? 0 : chance.among([chance.between(0, 3), chance.between(1, 40), chance.between(20, 300)]);
}

/** The SDK repeats what ends in a time-out; three in a row, or what it does not know, reaches the step. */
function lost({ service, operation }: OutsideCall, fate: Fate): Error {
  const message = `${service} ${operation} ${fate}`;
  if (service === 'dns') return new StepFailure({ class: 'transient', code: 'dnsLookupFailed', message });
  return Object.assign(new Error(message), { name: fate.endsWith('not repeated') ? 'ConnectionLost' : 'TimeoutError' });
}
