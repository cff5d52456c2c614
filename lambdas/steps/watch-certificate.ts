import { levelAt } from '../core/at-risk.ts';
import { sha256Hex } from '../core/declaration.ts';
import { type Finding, findingsOf, isCalledBack, type PlaceLook, type Recorded } from '../core/findings.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { SeenLeaf } from '../core/ports.ts';
import { rootsOf, type WatchedCertificate, type WatchList } from '../core/watch-list.ts';
import type { WatchRow } from '../core/watch-state.ts';
import type { WatchPorts } from './ports.ts';

/** What a handshake may take. Milliseconds. */
const HANDSHAKE_MS = 5_000;

/** Handshakes with the places of one certificate at the same time. */
const PARALLEL = 4;

const HOUR_MS = 3_600_000;
const HOURS = 24;

/**
 * Whether a certificate is looked at in this hour: each once a day, in an hour that is its own, and every hour while
 * something is wrong with it, its CA wants it replaced, its current version is near its end, or the table cannot be read.
 */
export function isItsHour(
  watched: WatchedCertificate,
  row: WatchRow | undefined,
  recorded: Recorded | undefined,
  now: number,
): boolean {
  if (recorded === undefined || isCalledBack(recorded) || Object.keys(row?.findings ?? {}).length > 0) return true;
  const { notBefore, notAfter } = recorded.role ?? {};
  if (notBefore !== undefined && notAfter !== undefined && levelAt({ notBefore, notAfter }, watched.shares, now))
    return true;
  const own = Number.parseInt(sha256Hex(watched.name).slice(0, 8), 16) % HOURS;
  return Math.floor(now / HOUR_MS) % HOURS === own;
}

/** Looks at every place that serves a certificate, and judges what it sees. */
export async function lookAt(
  ports: Pick<WatchPorts, 'clock' | 'handshakes' | 'revocations'>,
  list: WatchList,
  watched: WatchedCertificate,
  recorded: Recorded | undefined,
): Promise<readonly Finding[]> {
  const roots = rootsOf(list, watched);
  const places = watched.targets.flatMap(({ id, probe }) => (probe === 'control-plane' ? [] : [{ id, probe }]));
  const looks = await inParallel(places, PARALLEL, async ({ id, probe }): Promise<PlaceLook> => {
    return { target: id, look: await ports.handshakes.look(probe, HANDSHAKE_MS, roots) };
  });
  const revoked = await revokedOf(ports, looks);
  return findingsOf({ watched, recorded, looks, revoked, now: ports.clock.now() });
}

async function revokedOf(
  { revocations }: Pick<WatchPorts, 'revocations'>,
  looks: readonly PlaceLook[],
): Promise<ReadonlySet<string>> {
  const leaves = new Map(looks.flatMap(leavesOf).map((leaf) => [leaf.sha256, leaf]));
  const revoked = new Set<string>();
  for (const { sha256, der, issuerDer } of leaves.values()) {
    if (issuerDer !== undefined && (await revocations.isRevoked(der, issuerDer)) === true) revoked.add(sha256);
  }
  return revoked;
}

function leavesOf({ look }: PlaceLook): readonly SeenLeaf[] {
  return 'error' in look ? [] : look.addresses.flatMap((seen) => ('leaf' in seen ? [seen.leaf] : []));
}
