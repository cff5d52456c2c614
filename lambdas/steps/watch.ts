import type { Finding, Recorded } from '../core/findings.ts';
import { fleetFigures, nextRenewal } from '../core/fleet-figures.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { OutboxMessage } from '../core/rows.ts';
import { roleKey, targetKey } from '../core/rows.ts';
import type { WatchedCertificate, WatchList } from '../core/watch-list.ts';
import { atRiskMessage, MOST_MESSAGES, manyMessage, safeAgainMessage } from '../core/watch-messages.ts';
import { type Advance, advance, type WatchRow } from '../core/watch-state.ts';
import { forceDueNow, makeDueNow } from '../store/due-rows.ts';
import { listWatchRows, readNote, saveNote, saveWatchRow, watchKey } from '../store/watch.ts';
import { publishOne, withMessages } from './outbox.ts';
import type { WatchPorts } from './ports.ts';
import { isItsHour, lookAt } from './watch-certificate.ts';
import { type Fleet, readFleet, recordedOf } from './watch-fleet.ts';
import { leftOver } from './watch-left-over.ts';
import { publishWatchOutbox } from './watch-outbox.ts';
import { watchSight } from './watch-sight.ts';
import { watchSubscriptions } from './watch-subscriptions.ts';

/** Certificates that are looked at at the same time. */
const PARALLEL = 25;

/** A message that waits in renewal's own rows for so long. Milliseconds. */
const UNTOLD_MS = 20 * 60_000;

/** What one watch has done. */
export type WatchResult = { readonly looked: number; readonly atRisk: number; readonly told: number };

type Looked = {
  readonly watched: WatchedCertificate;
  readonly before: WatchRow | undefined;
  readonly recorded: Recorded | undefined;
  readonly advanced: Advance;
};

/**
 * The watch: once an hour, whatever renewal does. Looks at what is served, compares it with what should be, tells people what
 * nobody else tells them, and measures the whole fleet. A failure is that of its Lambda, which an alarm tells.
 */
export async function watch(ports: WatchPorts): Promise<WatchResult> {
  const list = await ports.readList();
  const untold = new Untold();
  await untold.watch(() => publishLeftBehind(ports));
  // Read after that: what could not be published is still in its row, and is carried on with it.
  const rows = new Map((await listWatchRows(ports.watchTable)).map((row) => [row.certificate, row]));
  const fleet = await readFleet(ports.table, list, ports.clock.now());
  await untold.watch(() => watchSight(ports, fleet));
  await untold.watch(() => publishUntold(ports, fleet));
  const looked = await lookAtThoseDue(ports, list, rows, fleet);
  const told = await tell(ports, looked, untold);
  await startWhatMends(ports, looked);
  const atRisk = atRiskAfter(list, rows, looked);
  const next = 'unreadable' in fleet ? undefined : nextRenewal(fleet);
  const unconfirmed = await untold.watch(() => watchSubscriptions(ports, list, next));
  ports.metrics.publish({
    ...('unreadable' in fleet ? {} : fleetFigures(fleet.values(), ports.clock.now())),
    ...(await leftOver(ports, list)),
    CertificatesAtRisk: atRisk,
    ...(unconfirmed === undefined ? {} : { UnconfirmedSubscriptions: unconfirmed }),
    WatchCompleted: 1,
  });
  untold.throwIfAny();
  return { looked: looked.length, atRisk, told };
}

/** People who cannot be told keep nobody from looking: the first reason is thrown at the end. */
class Untold {
  #reason: unknown;

  async watch<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#reason ??= error;
      return undefined;
    }
  }

  throwIfAny(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }
}

/** What an earlier watch had no time to tell. */
async function publishLeftBehind(ports: WatchPorts): Promise<void> {
  for (const row of await listWatchRows(ports.watchTable)) await publishWatchOutbox(ports, row);
  await publishWatchOutbox(ports, await readNote(ports.watchTable, 'MANY'));
}

/** What renewal could not tell when it happened: a row that fails has no other try before its next one. */
async function publishUntold(ports: WatchPorts, fleet: Fleet): Promise<void> {
  if ('unreadable' in fleet) return;
  const longAgo = ports.clock.now() - UNTOLD_MS;
  const rows = [...fleet.values()].flatMap(({ role, targets }) => [...(role === undefined ? [] : [role]), ...targets]);
  for (const row of rows) {
    const untold = Object.values(row.outbox ?? {}).filter(({ at }) => at < longAgo);
    for (const message of untold) await publishOne(ports.alerts, ports.table, row, message);
  }
}

async function lookAtThoseDue(
  ports: WatchPorts,
  list: WatchList,
  rows: ReadonlyMap<string, WatchRow>,
  fleet: Fleet,
): Promise<readonly Looked[]> {
  const now = ports.clock.now();
  const due = list.certificates.filter((watched) =>
    isItsHour(watched, rows.get(watched.name), recordedOf(fleet, watched.name), now),
  );
  const looked = await inParallel(due, PARALLEL, async (watched) => {
    const recorded = recordedOf(fleet, watched.name);
    const found = await lookAt(ports, list, watched, recorded);
    return after(watched, rows.get(watched.name), recorded, found, now);
  });
  const gone = [...rows.values()].filter(
    ({ certificate, findings }) =>
      Object.keys(findings).length > 0 && !list.certificates.some(({ name }) => name === certificate),
  );
  await inParallel(gone, PARALLEL, (row) =>
    saveWatchRow(ports.watchTable, row.certificate, row, { findings: {}, outbox: row.outbox ?? {} }, now),
  );
  return looked;
}

function after(
  watched: WatchedCertificate,
  before: WatchRow | undefined,
  recorded: Recorded | undefined,
  found: readonly Finding[],
  now: number,
): Looked {
  return { watched, before, recorded, advanced: advance(before?.findings ?? {}, found, recorded, now) };
}

/** Written first, then published: what is found again after a crash has the same id. How many messages people get. */
async function tell(ports: WatchPorts, looked: readonly Looked[], untold: Untold): Promise<number> {
  const now = ports.clock.now();
  const all = looked.map((each) => ({ ...each, messages: messagesOf(each, now) }));
  const forPeople = all.flatMap(({ messages }) => messages.filter(({ notify }) => notify));
  const groups = Object.values(Object.groupBy(forPeople, ({ event }) => event)).map((group) => group ?? []);
  const many = groups.filter(({ length }) => length > MOST_MESSAGES);
  if (many.length > 0) await tellMany(ports, many, now, untold);
  const inMany = new Set(many.flat().map(({ id }) => id));
  for (const { watched, before, advanced, messages } of all) {
    if (messages.length === 0 && before === undefined && Object.keys(advanced.findings).length === 0) continue;
    const told = messages.map((message) => ({ ...message, notify: message.notify && !inMany.has(message.id) }));
    const outbox = withMessages(before?.outbox, told);
    const { findings } = advanced;
    if (!(await saveWatchRow(ports.watchTable, watched.name, before, { findings, outbox }, now))) continue;
    await untold.watch(() => publishWatchOutbox(ports, { ...watchKey(watched.name), outbox }));
  }
  return forPeople.length - inMany.size + many.length;
}

function messagesOf({ watched, recorded, advanced }: Looked, now: number): readonly OutboxMessage[] {
  const { told, over } = advanced;
  return [
    ...(told.length > 0 ? [atRiskMessage(watched.name, told, recorded, now)] : []),
    ...(over.length > 0 ? [safeAgainMessage(watched.name, over, now)] : []),
  ];
}

async function tellMany(
  ports: WatchPorts,
  many: readonly (readonly OutboxMessage[])[],
  now: number,
  untold: Untold,
): Promise<void> {
  const note = await readNote(ports.watchTable, 'MANY');
  const outbox = withMessages(
    note.outbox,
    many.map((messages) => manyMessage(messages, now)),
  );
  await saveNote(ports.watchTable, note, { outbox });
  await untold.watch(() => publishWatchOutbox(ports, { ...note, outbox }));
}

/** A push puts back what should be served; what was revoked is renewed. The next sweep starts both. */
async function startWhatMends(ports: WatchPorts, looked: readonly Looked[]): Promise<void> {
  const now = ports.clock.now();
  for (const { watched, recorded, advanced } of looked) {
    for (const { kind, place, sha256 } of Object.values(advanced.findings)) {
      const target = recorded?.targets.find((row) => row.target.id === place);
      const role = recorded?.role;
      if (kind === 'revoked' && role?.version === sha256 && role?.failure === undefined)
        await forceDueNow(ports.table, roleKey(watched.name), sha256, now);
      else if (kind !== 'expiring' && target && target.failure === undefined)
        await makeDueNow(ports.table, targetKey(watched.name, place), now);
    }
  }
}

/** Certificates that something is wrong with now, also those that were not looked at in this hour. */
function atRiskAfter(list: WatchList, rows: ReadonlyMap<string, WatchRow>, looked: readonly Looked[]): number {
  const now = new Map(looked.map(({ watched, advanced }) => [watched.name, advanced.findings]));
  return list.certificates.filter(({ name }) => {
    const findings = now.get(name) ?? rows.get(name)?.findings ?? {};
    return Object.keys(findings).length > 0;
  }).length;
}
