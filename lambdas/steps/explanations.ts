import type { Learned } from '../core/ari-answer.ts';
import { renewalMovedMessage } from '../core/messages.ts';
import type { VersionRow } from '../core/rows.ts';
import { noteExplanation, readExplanation } from '../store/explanations.ts';
import type { BasePorts } from './ports.ts';

/** Another reason of one CA is told to people no sooner than this after the last. Milliseconds. */
const BETWEEN_MS = 3_600_000;

/** Tells why a CA has a version renewed when it does. */
export type TellExplanation = (
  version: VersionRow,
  learned: Learned & { readonly explanationUrl: string },
  renewAt: number,
) => Promise<void>;

/**
 * Every certificate that is given a reason is an event; people are told of the first only, since one incident has one page
 * and may concern every certificate there is.
 */
export function createExplanations(ports: Pick<BasePorts, 'alerts' | 'clock' | 'table'>): TellExplanation {
  const told = new Set<string>();
  return async (version, { window, explanationUrl }, renewAt) => {
    const now = ports.clock.now();
    const directoryUrl = version.account?.directoryUrl ?? '';
    const isFirst = !told.has(explanationUrl) && (await isNews(ports, directoryUrl, explanationUrl, now));
    // Another refresh of this invocation may have been waiting for the same answer.
    const notify = isFirst && !told.has(explanationUrl);
    if (notify) told.add(explanationUrl);
    const facts = {
      ca: version.ca,
      version: version.sha256,
      renewAt,
      windowStart: window?.start ?? renewAt,
      windowEnd: window?.end ?? renewAt,
      explanationUrl,
    };
    await ports.alerts.publish(renewalMovedMessage(version.certificate, facts, notify, now));
    if (notify) await noteExplanation(ports.table, directoryUrl, explanationUrl, now);
  };
}

async function isNews(
  { table }: Pick<BasePorts, 'table'>,
  directoryUrl: string,
  url: string,
  now: number,
): Promise<boolean> {
  const last = await readExplanation(table, directoryUrl);
  return last === undefined || (last.url !== url && now - last.toldAt >= BETWEEN_MS);
}
