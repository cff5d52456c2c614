import type { Outbox, OutboxMessage, RowKey } from '../core/rows.ts';
import { makeOutboxDueBy } from '../store/due-rows.ts';
import { strikeMessage } from '../store/outbox.ts';
import type { BasePorts } from './ports.ts';

/** A message that could not be published is tried again this soon, by making its row due; a failing row's with its next try. Milliseconds. */
const AGAIN_MS = 15 * 60_000;

/**
 * Publishes what waits in a row's outbox and strikes each message. A crash between the two repeats a message with the same
 * id; a failure leaves it there and never fails the run.
 */
export async function publishOutbox(ports: BasePorts, row: RowKey & { readonly outbox?: Outbox }): Promise<void> {
  for (const message of Object.values(row.outbox ?? {})) {
    try {
      await ports.alerts.publish(message);
      await strikeMessage(ports.table, row, message.id);
    } catch {
      const now = ports.clock.now();
      await makeOutboxDueBy(ports.table, row, now + AGAIN_MS, now).catch(() => undefined);
      return;
    }
  }
}

/** An outbox with further messages in it. */
export function withMessages(outbox: Outbox | undefined, messages: readonly OutboxMessage[]): Outbox {
  return { ...outbox, ...Object.fromEntries(messages.map((message) => [message.id, message])) };
}
