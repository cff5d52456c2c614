import type { Clock } from '../../lambdas/core/ports.ts';
import type { StepEvent } from '../../lambdas/core/step-result.ts';
import { logged } from '../../lambdas/ports/logged.ts';
import { workOff } from '../../lambdas/ports/queued-items.ts';
import type { CatchEvent } from '../../lambdas/steps/caught-failure.ts';
import { createOrder } from '../../lambdas/steps/create-order.ts';
import { deliverAlert } from '../../lambdas/steps/deliver-alert.ts';
import { finalizeOrder } from '../../lambdas/steps/finalize-order.ts';
import { findDue } from '../../lambdas/steps/find-due.ts';
import { pollOrder } from '../../lambdas/steps/poll-order.ts';
import { probeTarget } from '../../lambdas/steps/probe-target.ts';
import { pushTarget } from '../../lambdas/steps/push-target.ts';
import { recordFailure } from '../../lambdas/steps/record-failure.ts';
import { refreshAri } from '../../lambdas/steps/refresh-ari.ts';
import { settle } from '../../lambdas/steps/settle.ts';
import type { SweepEvent } from '../../lambdas/steps/sweep.ts';
import { type WatchResult, watch } from '../../lambdas/steps/watch.ts';
import type { Calls } from './calls.ts';
import type { StatusChangeEvent } from './execution.ts';
import type { LocalHandlers } from './interpreter.ts';
import type { LocalPorts } from './local-ports.ts';
import type { QueueHandler } from './queue-poller.ts';

/** The shipped steps as the interpreter's handlers, and as the targets of the status rule, of schedules and of queues. */
export type AccountHandlers = {
  readonly byName: LocalHandlers;
  readonly onStatusChange: (event: StatusChangeEvent) => Promise<void>;
  /** What the schedule of the watch invokes. */
  readonly watch: () => Promise<WatchResult>;
  readonly onQueue: QueueHandler;
};

/** Builds a handler for each Lambda. An invocation ends `lambdaMs` after it began, by the steps' clock. */
export function createLocalHandlers(calls: Calls, ports: LocalPorts, clock: Clock, lambdaMs: number): AccountHandlers {
  const dated = <Ports>(undated: Ports): Ports & { deadline: number } => ({
    ...undated,
    deadline: clock.now() + lambdaMs,
  });
  const { log } = ports.base;
  const handler =
    <Event>(name: string, step: (event: Event) => Promise<unknown>) =>
    (payload: unknown): Promise<unknown> =>
      calls.invoke(name, () => logged(name, { log, clock }, payload, () => step(payload as Event)));
  const record = (event: CatchEvent | StatusChangeEvent): Promise<unknown> =>
    recordFailure(event, dated(ports.failure));
  return {
    byName: {
      'find-due': handler<SweepEvent>('find-due', (event) => findDue(event, dated(ports.base))),
      'refresh-ari': handler<SweepEvent>('refresh-ari', (event) => refreshAri(event, dated(ports.ari))),
      'create-order': handler<StepEvent>('create-order', (event) => createOrder(event, dated(ports.order))),
      'poll-order': handler<StepEvent>('poll-order', (event) => pollOrder(event, dated(ports.order))),
      'finalize-order': handler<StepEvent>('finalize-order', (event) => finalizeOrder(event, dated(ports.order))),
      'record-failure': handler<CatchEvent>('record-failure', record),
      'push-target': handler<StepEvent>('push-target', (event) => pushTarget(event, dated(ports.push))),
      'push-aws': handler<StepEvent>('push-aws', (event) => pushTarget(event, dated(ports.pushAws))),
      'push-export': handler<StepEvent>('push-export', (event) => pushTarget(event, dated(ports.pushExport))),
      'probe-target': handler<StepEvent>('probe-target', (event) => probeTarget(event, dated(ports.probe))),
      settle: handler<StepEvent>('settle', (event) => settle(event, dated(ports.order))),
    },
    onQueue: (event) =>
      calls.invoke('deliver-alert', () =>
        logged('deliver-alert', { log, clock }, event, () =>
          workOff(event, (item) => deliverAlert(item, ports.delivery)),
        ),
      ),
    onStatusChange: async (event) => {
      await handler<StatusChangeEvent>('record-failure', record)(event);
    },
    watch: () => calls.invoke('watch', () => logged('watch', ports.watch, undefined, () => watch(ports.watch))),
  };
}
