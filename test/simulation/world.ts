import type { Ca } from '../../local/ca/ca.ts';
import { startCa } from '../../local/ca/ca.ts';
import { type EmbeddedAccount, startAccount } from '../../local/embedded/account.ts';
import type { LocalHandler } from '../../local/embedded/invocation.ts';
import { VirtualTime } from '../../local/embedded/virtual-time.ts';
import { checkedLogs, LOG_CHECK } from '../support/log-check.ts';
import { START, stackDefinitions } from '../support/virtual-account.ts';
import type { Chance } from './chance.ts';
import { createFates } from './fates.ts';
import type { Scenario } from './scenario.ts';
import type { Trace } from './trace.ts';
import { Watch } from './watch.ts';
import { caFaults, createWire } from './wire.ts';

/** A handler's invocation that may be repeated. */
export type Repeatable = { readonly name: string; readonly again: () => Promise<unknown> };

/** An account, a CA and all that may go wrong between them. */
export type World = {
  readonly account: EmbeddedAccount;
  readonly ca: Ca;
  readonly time: VirtualTime;
  readonly watch: Watch;
  readonly invoked: readonly Repeatable[];
  /** Lets things go wrong, or not any more. */
  trouble(on: boolean): void;
  close(): Promise<void>;
};

export async function startWorld(scenario: Scenario, chance: Chance, trace: Trace): Promise<World> {
  const time = new VirtualTime(START);
  const now = (): number => time.clock.now();
  const watch = new Watch(now);
  let troubled = false;
  const faults = (): number => (troubled ? scenario.faults : 0);
  const invoked: Repeatable[] = [];
  let ids = 0;
  const wire = createWire({ ca: () => ca, time, chance, watch, faults });
  const skews = new Map<number, number>();
  const skew = (): number => {
    const { id = 0 } = account.calls.current() ?? {};
    if (id === 0 || scenario.skewMs === 0) return 0;
    const drawn = skews.get(id) ?? chance.between(-scenario.skewMs, scenario.skewMs);
    skews.set(id, drawn);
    return drawn;
  };
  const repeating =
    (name: string, handler: LocalHandler): LocalHandler =>
    (payload) => {
      const again = () => time.outside(() => handler(payload)).catch(() => undefined);
      invoked.push({ name, again });
      if (troubled && chance.happens(scenario.doubled)) void again();
      return handler(payload);
    };
  const account = await startAccount({
    definitions: stackDefinitions(),
    time,
    stepClock: { now: () => now() + skew(), sleep: (ms) => time.clock.sleep(ms) },
    zones: ['example.test'],
    insyncAfterMs: scenario.insyncAfterMs,
    random: chance.next,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    send: wire,
    inProcess: {
      index: { now, lagMs: () => (troubled ? scenario.indexLagMs : 0) },
      onWrite: (written) => watch.wrote(written),
    },
    ...checkedLogs(),
    around: (name, handler) => repeating(name, handler),
    onEvent: (record, { at, type, state, error }) =>
      trace.add(`${at} ${record.machine} ${record.name} ${type} ${state ?? ''} ${error ?? ''}`),
  });
  const ca = await startCa({
    port: false,
    now,
    random: chance.next,
    sleep: (ms) => time.clock.sleep(ms),
    resolver: account.caResolver,
    ...scenario.ca,
  });
  account.calls.plan = createFates({ calls: account.calls, time, chance, trace, faults });
  watch.follow(account.acm);
  return {
    account,
    ca,
    time,
    watch,
    invoked,
    trouble: (on) => {
      troubled = on;
      ca.faults.clear();
      if (on) for (const rule of caFaults(scenario.faults)) ca.faults.add(rule);
      account.dns.faults.clear();
    },
    close: async () => {
      await account.stop();
      await ca.stop();
      time.dispose();
      LOG_CHECK.expectClean();
    },
  };
}
