import { sightMessage } from '../core/watch-messages.ts';
import { readNote, saveNote } from '../store/watch.ts';
import { withMessages } from './outbox.ts';
import type { WatchPorts } from './ports.ts';
import type { Fleet } from './watch-fleet.ts';
import { publishWatchOutbox } from './watch-outbox.ts';

/** Tells when the table can no longer be read, and when it can again. */
export async function watchSight(ports: WatchPorts, fleet: Fleet): Promise<void> {
  const note = await readNote(ports.watchTable, 'TABLE');
  const now = ports.clock.now();
  const reason = 'unreadable' in fleet ? fleet.unreadable : undefined;
  const isAsBefore = (reason === undefined) === (note.since === undefined);
  if (isAsBefore) return publishWatchOutbox(ports, note);
  const outbox = withMessages(note.outbox, [sightMessage(reason, note.since ?? now, now)]);
  const since = reason === undefined ? undefined : now;
  if (await saveNote(ports.watchTable, note, { since, outbox })) await publishWatchOutbox(ports, { ...note, outbox });
}
