import type { Log, StepLine } from '../core/log.ts';
import type { Clock } from '../core/ports.ts';
import { failureLineOf } from './failure-line.ts';
import { runFactsOf } from './run-facts.ts';
import { toldFailureOf } from './told-failure.ts';

/** What a decorated invocation is logged by. */
export type LogParts = { readonly log: Log; readonly clock: Clock };

/**
 * Does the work of one invocation and writes the line of its end: what it answered, or why it failed. What was thrown is
 * thrown on. Where RecordFailure has recorded a failure that no step could tell of itself, that is told too.
 *
 * @param handler File name in `lambdas/handlers/`.
 */
export async function logged<Answer>(
  handler: string,
  { log, clock }: LogParts,
  event: unknown,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const begun = clock.now();
  return log.within(runFactsOf(handler, event), async () => {
    try {
      const answer = await work();
      const line = stepLineOf(handler, answer, clock.now() - begun);
      // The rule tells of what the Catch told before; RecordFailure ignores the second.
      const told = line.status === 'recorded' ? toldFailureOf(event) : undefined;
      if (told !== undefined) log.write(told);
      log.write(line);
      return answer;
    } catch (error) {
      log.write(failureLineOf(error, clock.now() - begun));
      throw error;
    }
  });
}

/** Of an answer only what is known to hold no secret: the nonce that a step hands on stays out. */
function stepLineOf(handler: string, answer: unknown, ms: number): StepLine {
  const { status, slot, waitSeconds, rounds } = fieldsOf(answer);
  const told = typeof status === 'string' ? status : 'done';
  return {
    event: 'step',
    message: `${handler}: ${told}`,
    status: told,
    ...(typeof slot === 'string' && slot !== '' ? { slot } : {}),
    ...(typeof waitSeconds === 'number' ? { waitSeconds } : {}),
    ...(typeof rounds === 'number' ? { rounds } : {}),
    ms,
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
