import { isEmergency } from '../core/ladder.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import { readAri } from '../store/ari.ts';
import { readRole } from '../store/certificates.ts';
import type { BasePorts } from './ports.ts';

/** A push that waits for a replacement is looked at again after this long; a promotion makes it due at once. Milliseconds. */
const LOOK_AGAIN_MS = 3_600_000;

/**
 * When to look again at a version whose CA wants it replaced at once, as it does with one that it has revoked since it was
 * issued; undefined where it is to be pushed. It is left out only while its replacement is due and another version is served
 * here that is not near its end: to serve it is better than to serve nothing.
 */
export async function replacementAwaitedUntil(
  { table, clock }: Pick<BasePorts, 'table' | 'clock'>,
  target: TargetRow,
  { sha256 }: VersionRow,
): Promise<number | undefined> {
  const now = clock.now();
  const servesAnother = target.proven !== undefined && target.proven !== sha256 && target.pushed !== sha256;
  if (!servesAnother || isEmergency(target, now)) return undefined;
  const ari = await readAri(table, target.certificate);
  if (ari?.version !== sha256 || ari.window === undefined || ari.window.end > now) return undefined;
  const { renewAt = now } = (await readRole(table, target.certificate)) ?? {};
  return renewAt <= now ? now + LOOK_AGAIN_MS : undefined;
}
