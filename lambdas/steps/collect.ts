import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import { BUG_MS } from '../core/problem.ts';
import type { OrderKey, SlotOrder, VersionRow } from '../core/rows.ts';
import { ROW_SCHEMA, versionKey } from '../core/rows.ts';
import type { IssuedCertificate } from '../core/verify-certificate.ts';
import { hasKey, parseChain, readIssued, refusalOf } from '../core/verify-certificate.ts';
import { storeVersion } from '../store/certificates.ts';
import { followRename } from './follow-rename.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPorts } from './ports.ts';
import { spendLimits } from './reserve-limits.ts';

/**
 * Downloads the certificate of a valid order, verifies it against the slot's snapshot and stores it. One that does not hold
 * is quarantined and never promoted; the order is forgotten when a download an hour later holds no better.
 */
export async function collect(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
  url: string,
): Promise<VersionRow> {
  const { issued, key, refusal } = await download(ports, session, order, url);
  await spendLimits(ports, slot, order);
  const version = versionOf(order, issued, key, url, ports.clock.now());
  if (refusal === undefined) {
    await storeVersion(ports.table, version);
    slot.history.add({ kind: 'certificate', version: version.sha256, state: 'stored' });
    return followRename(ports.table, version);
  }
  await storeVersion(ports.table, { ...version, state: 'quarantined', reason: refusal });
  slot.history.add({ kind: 'certificate', version: version.sha256, state: 'quarantined', reason: refusal });
  const isFinal = order.refusedAt !== undefined;
  const { now } = ports.clock;
  await slot.save({ order: isFinal ? undefined : { ...order, refusedAt: now() } });
  throw refused(order, refusal, isFinal ? now() : now() + BUG_MS);
}

type Judged = {
  readonly chainPem: string;
  readonly issued: IssuedCertificate;
  readonly key: OrderKey;
  readonly refusal: string | undefined;
};

/**
 * What may not be promoted is downloaded once more: an answer can be damaged on its way, and a good certificate must not be
 * thrown away for that. Only what the CA says twice is refused.
 */
async function download(ports: OrderPorts, session: AcmeSession, order: SlotOrder, url: string): Promise<Judged> {
  const first = await judge(ports, order, url, await session.certificate(url));
  if (first.refusal === undefined) return first;
  const second = await judge(ports, order, url, await session.certificate(url));
  if (second.refusal !== undefined && second.chainPem !== first.chainPem) throw unreadable(order, url);
  return second;
}

async function judge(ports: OrderPorts, order: SlotOrder, url: string, chainPem: string): Promise<Judged> {
  const issued = readIssued(chainPem);
  if (issued === undefined) throw unreadable(order, url);
  const { key, pem } = await keyOf(ports, order, issued);
  const refusal = refusalOf(chainPem, { keyPem: pem, domains: order.domains, ca: order.ca, now: ports.clock.now() });
  return { chainPem, issued, key, refusal };
}

/** The stored key whose CSR the CA used: the current one, or one that was replaced while a finalize was under way. */
async function keyOf(
  ports: OrderPorts,
  order: SlotOrder,
  issued: IssuedCertificate,
): Promise<{ key: OrderKey; pem: string }> {
  const [leaf] = parseChain(issued.leafPem);
  for (const key of order.replacedKeys) {
    const pem = await ports.vault.open(key.sealedKey);
    if (leaf !== undefined && hasKey(leaf, pem)) return { key, pem };
  }
  return { key: order.key, pem: await ports.vault.open(order.key.sealedKey) };
}

function versionOf(
  order: SlotOrder,
  issued: IssuedCertificate,
  key: OrderKey,
  certificateUrl: string,
  now: number,
): VersionRow {
  return {
    ...versionKey(order.certificate, issued.sha256),
    schema: ROW_SCHEMA,
    certificate: order.certificate,
    role: order.role,
    hash: order.hash,
    sha256: issued.sha256,
    domains: order.domains,
    keyType: order.keyType,
    chainPem: issued.leafPem + issued.intermediatesPem,
    sealedKey: key.sealedKey,
    notBefore: issued.notBefore,
    notAfter: issued.notAfter,
    ca: order.ca.name,
    account: {
      directoryUrl: order.ca.directoryUrl,
      label: order.ca.accountLabel,
      ...(order.accountUrl === undefined ? {} : { url: order.accountUrl }),
    },
    environment: order.ca.environment,
    certificateUrl,
    storedAt: now,
    state: 'stored',
  };
}

/** The certificate exists; another download may be whole. */
function unreadable({ ca }: SlotOrder, url: string): StepFailure {
  const message = `${ca.name} sent no certificate that can be parsed from ${url}`;
  return new StepFailure({ class: 'transient', code: 'certificateUnreadable', message, ca: ca.name });
}

function refused(order: SlotOrder, refusal: string, retryAt: number): StepFailure {
  const message = `the certificate that ${order.ca.name} issued for ${order.domains.join(', ')} was not accepted: ${refusal}`;
  return new StepFailure({
    class: 'bug',
    code: 'certificateRefused',
    message,
    ca: order.ca.name,
    retryAt,
  });
}
