import { QUESTION_MS } from '../acme/renewal-info.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { RowKey } from '../core/rows.ts';
import { listDueAri } from '../store/ari.ts';
import { putOff, UNREADABLE_MS } from '../store/due-rows.ts';
import { UnreadableRowError } from '../store/parse.ts';
import { createQuestions } from './ask-ca.ts';
import { createExplanations } from './explanations.ts';
import { swallowed, withStepFailures } from './failures.ts';
import type { AriPorts } from './ports.ts';
import type { RefreshTools } from './refresh-one.ts';
import { refreshOne } from './refresh-one.ts';
import { refuseNewer } from './refuse-newer.ts';
import type { SweepEvent, SweepResult } from './sweep.ts';
import { sweepResult, sweepStartedAt } from './sweep.ts';

/** Questions of one invocation, and how many of them at the same time. */
const MOST = 2_000;
const PARALLEL = 20;

/** What was learned must still be stored. Milliseconds before the invocation ends. */
const STORE_MARGIN_MS = 10_000;

type Outcome = 'done' | 'dueNow' | 'failed' | 'notBegun';

/**
 * RefreshAri: asks the CAs when to renew, after the sweep has started what is due. It goes round again, by way of FindDue,
 * where that made a renewal due at once or there was no time for all. What fails is asked again later; no renewal waits.
 */
export function refreshAri(event: SweepEvent, ports: AriPorts): Promise<SweepResult> {
  return withStepFailures(async () => {
    refuseNewer(event.input);
    const startedAt = sweepStartedAt(event, ports.clock.now());
    const until = ports.deadline - STORE_MARGIN_MS;
    const tools = { ports, ask: createQuestions(ports, until), tell: createExplanations(ports) };
    const due = await listDueAri(ports.table, ports.clock.now(), MOST);
    const outcomes = await inParallel(due, PARALLEL, (key) => refreshEntry(tools, key, until - QUESTION_MS));
    const isAhead = outcomes.some((outcome) => outcome === 'done' || outcome === 'dueNow');
    const isLeft = due.length >= MOST || outcomes.includes('notBegun');
    const more = outcomes.includes('dueNow') || (isLeft && isAhead);
    return sweepResult(event, more ? 'more' : 'done', startedAt, ports.clock.now());
  });
}

/** One row never keeps the others from being asked about. */
async function refreshEntry(tools: RefreshTools, key: RowKey, beginUntil: number): Promise<Outcome> {
  const { clock, log, table } = tools.ports;
  if (clock.now() >= beginUntil) return 'notBegun';
  try {
    return (await refreshOne(tools, key)) ? 'dueNow' : 'done';
  } catch (error) {
    log.write(swallowed(error, 'a certificate could not be asked about', key));
    const now = clock.now();
    if (error instanceof UnreadableRowError) await putOff(table, key, now + UNREADABLE_MS, now).catch(() => undefined);
    return 'failed';
  }
}
