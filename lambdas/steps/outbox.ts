import { PartlyTold } from '../core/partly-told.ts';
import type { Alerts } from '../core/ports.ts';
import type { Outbox, OutboxMessage, RowKey } from '../core/rows.ts';
import type { Postponed } from '../store/due-rows.ts';
import { makeOutboxDueBy, postpone } from '../store/due-rows.ts';
import { noteTold, strikeMessage } from '../store/outbox.ts';
import type { Table } from '../store/table.ts';
import type { BasePorts } from './ports.ts';

/** A message that could not be published is tried again this soon, by making its row due; a failing row's with its next try. Milliseconds. */
const AGAIN_MS = 15 * 60_000;

/**
 * Publishes what waits in a row's outbox and strikes each message. A crash between the two repeats a message with the same
 * id; a failure leaves it there and never fails the run. Whether nothing is left.
 */
export async function publishOutbox(ports: BasePorts, row: RowKey & { readonly outbox?: Outbox }): Promise<boolean> {
  for (const message of Object.values(row.outbox ?? {})) {
    try {
      await publishOne(ports.alerts, ports.table, row, message);
    } catch {
      const now = ports.clock.now();
      await makeOutboxDueBy(ports.table, row, now + AGAIN_MS, now).catch(() => undefined);
      return false;
    }
  }
  return true;
}

/** Publishes a message and strikes it; where only machines or only people could be told, only the others get it the next time. */
export async function publishOne(alerts: Alerts, table: Table, row: RowKey, message: OutboxMessage): Promise<void> {
  try {
    await alerts.publish(message);
  } catch (error) {
    if (error instanceof PartlyTold) await noteTold(table, row, message.id, error.told);
    throw error;
  }
  await strikeMessage(table, row, message.id);
}

/**
 * When a row is due that was written with messages: soon, since whoever wrote them may not live to publish them, nor to do
 * what else follows.
 */
export function dueUntilTold(outbox: Outbox, dueAt: number | undefined, now: number): number | undefined {
  return Object.keys(outbox).length === 0 ? dueAt : Math.min(dueAt ?? Number.POSITIVE_INFINITY, now + AGAIN_MS);
}

type Untold = Postponed & { readonly outbox?: Outbox };

/** Publishes what waits in a row that is due only {@link dueUntilTold}; then that is at `dueAt`. */
export async function publishAndWait(ports: BasePorts, row: Untold, dueAt: number | undefined): Promise<void> {
  if (!(await publishOutbox(ports, row))) return;
  // Where this fails the row is looked at once more than it must be.
  await postpone(ports.table, row, dueAt, ports.clock.now()).catch(() => undefined);
}

/** An outbox with further messages in it. */
export function withMessages(outbox: Outbox | undefined, messages: readonly OutboxMessage[]): Outbox {
  return { ...outbox, ...Object.fromEntries(messages.map((message) => [message.id, message])) };
}
