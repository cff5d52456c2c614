import { sha256Hex } from '../core/declaration.ts';
import type { WatchList } from '../core/watch-list.ts';
import { type Subscription, subscriptionsMessage } from '../core/watch-messages.ts';
import { readNote, saveNote } from '../store/watch.ts';
import { withMessages } from './outbox.ts';
import type { WatchPorts } from './ports.ts';
import { publishWatchOutbox } from './watch-outbox.ts';

/** Tells who is told, at first and whenever that changes. How many have not confirmed. */
export async function watchSubscriptions(
  ports: WatchPorts,
  { certificates }: WatchList,
  next: { readonly name: string; readonly at: number } | undefined,
): Promise<number> {
  const subscriptions = await ports.listSubscriptions();
  const hash = sha256Hex(JSON.stringify(subscriptions.map(keyOf).toSorted()));
  const note = await readNote(ports.watchTable, 'SUBSCRIPTIONS');
  if (note.hash === hash) await publishWatchOutbox(ports, note);
  else {
    const facts = { certificates: certificates.length, isFirst: note.hash === undefined, ...(next && { next }) };
    const outbox = withMessages(note.outbox, [subscriptionsMessage(subscriptions, facts, ports.clock.now())]);
    if (await saveNote(ports.watchTable, note, { hash, outbox })) await publishWatchOutbox(ports, { ...note, outbox });
  }
  return subscriptions.filter(({ confirmed }) => !confirmed).length;
}

function keyOf({ protocol, endpoint, confirmed }: Subscription): string {
  return `${protocol} ${endpoint} ${confirmed}`;
}
