import type { Warning } from '../core/messages.ts';
import { warningMessage } from '../core/messages.ts';
import type { HeldSlot } from './held-slot.ts';
import type { BasePorts } from './ports.ts';

/** Tells a warning and writes it into the history of the attempt. Never fails: the renewal goes on whoever hears of it. */
export async function warn(
  { alerts, clock }: Pick<BasePorts, 'alerts' | 'clock'>,
  slot: HeldSlot,
  certificate: string,
  warning: Warning,
): Promise<void> {
  slot.history.add({ kind: 'noticed', code: warning.code, message: warning.message });
  await alerts.publish(warningMessage(certificate, warning, clock.now())).catch(() => undefined);
}
