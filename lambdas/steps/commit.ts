import {
  issuedMessage,
  lifetimeChangedMessage,
  otherChainMessage,
  recoveredMessage,
  renewedMessage,
} from '../core/messages.ts';
import { renewAtOf } from '../core/renewal.ts';
import type { CertificateRow, OutboxMessage, RoleRow, VersionRow } from '../core/rows.ts';
import { issuerNames } from '../core/verify-certificate.ts';
import { askAbout } from '../store/ari.ts';
import type { Desire } from '../store/certificates.ts';
import { listTargets, readCertificate, readRole, setDesired } from '../store/certificates.ts';
import { equals } from '../store/condition.ts';
import { makeDueNow } from '../store/due-rows.ts';
import { parseRole } from '../store/parse.ts';
import { succeedRun } from '../store/run-end.ts';
import type { OrderRun } from './order-run.ts';
import { dueUntilTold, publishAndWait, withMessages } from './outbox.ts';
import type { RunPorts } from './ports.ts';
import { startRun } from './start-run.ts';

/**
 * Points the role at a stored version and ends the run in success, in one write: only if the run's claim is the latest and
 * the declaration is still the one the version was made for. The role as written; undefined when it was left alone.
 */
export async function promote(run: OrderRun, version: VersionRow): Promise<RoleRow | undefined> {
  const { ports, role, input } = run;
  const certificate = await readCertificate(ports.table, role.certificate);
  if (certificate === undefined) return undefined;
  const now = ports.clock.now();
  const renewAt = renewAtOf(version, certificate.declaration.renewal, ports.random);
  const outbox = withMessages(role.outbox, messagesOf(role, certificate, version, now));
  const changes = {
    version: version.sha256,
    versionHash: version.hash,
    notBefore: version.notBefore,
    notAfter: version.notAfter,
    renewAt,
    dueAt: dueUntilTold(outbox, renewAt, now),
    endsAt: version.notAfter,
    lifeMs: version.notAfter - version.notBefore,
    caFailures: undefined,
    limited: undefined,
    outbox,
  };
  const written = await succeedRun(ports.table, role, input.startSeq, changes, equals('hash', version.hash));
  return written === undefined ? undefined : parseRole(written);
}

function messagesOf(
  role: RoleRow,
  certificate: CertificateRow,
  version: VersionRow,
  now: number,
): readonly OutboxMessage[] {
  const { name, domains } = certificate.declaration;
  const facts = { version: version.sha256, notAfter: version.notAfter, ca: version.ca };
  const news = role.version === undefined ? issuedMessage(name, domains, facts, now) : renewedMessage(name, facts, now);
  const notes = notesOn(role, certificate, version, now);
  const told = [news, ...notes];
  return role.failure === undefined ? told : [...told, recoveredMessage(name, 'renewal', role.failure, now)];
}

/** Lifetimes differ by a second here and there; a profile's by days. */
const SAME_LIFE = 0.02;

/** What is worth knowing of a version although nobody has to act. */
function notesOn(
  { lifeMs: beforeMs }: RoleRow,
  { declaration: { name, cas } }: CertificateRow,
  { sha256, notBefore, notAfter, chainPem, ca }: VersionRow,
  now: number,
): readonly OutboxMessage[] {
  const lifeMs = notAfter - notBefore;
  const isOther = beforeMs !== undefined && Math.abs(lifeMs - beforeMs) > SAME_LIFE * beforeMs;
  const preferred = cas.find((candidate) => candidate.name === ca)?.preferredIssuer;
  const issuers = issuerNames(chainPem);
  return [
    ...(isOther ? [lifetimeChangedMessage(name, { version: sha256, beforeMs, lifeMs }, now)] : []),
    ...(preferred === undefined || issuers.includes(preferred)
      ? []
      : [otherChainMessage(name, { version: sha256, preferred, issuers: issuers.join(', ') }, now)]),
  ];
}

/**
 * What follows once the role points at a version, in any invocation that finds it so: targets want it, its CA is asked when to
 * renew it, messages go out. Every part may be repeated.
 */
export async function followPromotion(ports: RunPorts, role: RoleRow): Promise<void> {
  if (role.version !== undefined) await desireEverywhere(ports, role, role.version);
  await askAbout(ports.table, role, ports.clock.now());
  await publishAndWait(ports, role, role.renewAt);
}

/** What a role's version makes its targets want, and when: not before it is valid. */
export function desireOf(role: RoleRow, version: string, now: number): Desire {
  return { version, seq: role.doneSeq ?? role.startSeq, at: Math.max(now, role.notBefore ?? 0) };
}

async function desireEverywhere(ports: RunPorts, role: RoleRow, version: string): Promise<void> {
  const desire = desireOf(role, version, ports.clock.now());
  for (const target of await listTargets(ports.table, role.certificate)) {
    if (target.desired !== version && target.retired !== true) await setDesired(ports.table, target, desire);
  }
}

/** Starts the pushes of a certificate now; those that cannot be started are started by the next sweep. */
export async function startPushes(ports: RunPorts, certificate: string): Promise<void> {
  const now = ports.clock.now();
  for (const target of await listTargets(ports.table, certificate)) {
    if (target.dueAt !== undefined && target.dueAt <= now) await startRun(ports, target);
  }
}

/**
 * A version that was collected for a role which is not this run's: the role becomes due, and its own run promotes it; where
 * the role has it already, what follows a promotion is made up for.
 */
export async function handToOwner(ports: RunPorts, version: VersionRow): Promise<void> {
  const role = await readRole(ports.table, version.certificate);
  if (role === undefined) return;
  if (role.version === version.sha256) return followPromotion(ports, role);
  await makeDueNow(ports.table, role, ports.clock.now());
}
