import type { Outbox, RowKey } from '../core/rows.ts';
import { publishOne } from './outbox.ts';
import type { WatchPorts } from './ports.ts';

/** Publishes what waits in a row of the watch; what cannot be published stays for the next hour. */
export async function publishWatchOutbox(
  { alerts, watchTable }: Pick<WatchPorts, 'alerts' | 'watchTable'>,
  row: RowKey & { readonly outbox?: Outbox },
): Promise<void> {
  for (const message of Object.values(row.outbox ?? {})) {
    await publishOne(alerts, watchTable, row, message);
  }
}
