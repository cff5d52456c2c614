import { certIdOf } from './ari.ts';
import { verifyByAccount } from './authenticate.ts';
import { type CertificateRequest, readCsr } from './csr.ts';
import { parseObject, requiredString } from './fields.ts';
import { keyOf } from './identifiers.ts';
import type { Certificate, Order } from './model.ts';
import { spendIssuance } from './order-limits.ts';
import { findOrder, orderAnswer } from './orders.ts';
import { AcmeProblem, type Identifier, unauthorized } from './problems.ts';
import { decidingChallenge, orderStatus } from './status.ts';
import { checkCaaOf } from './validate.ts';
import type { CaAnswer } from './wire.ts';
import type { Call, World } from './world.ts';

/** BR 3.2.2.8: CAA is looked up again when the last look is older. */
const CAA_FRESH_MS = 7 * 3_600_000;

const BACKDATE_MS = 3_600_000;

function checkReady(world: World, order: Order): void {
  const status = orderStatus(world.settings, order, world.clock.now());
  if (status === 'ready') return;
  throw new AcmeProblem('orderNotReady', `Order's status ("${status}") is not acceptable for finalization`);
}

function sameNames(one: readonly Identifier[], other: readonly Identifier[]): boolean {
  const left = new Set(one.map(keyOf));
  const right = new Set(other.map(keyOf));
  return left.size === right.size && [...left].every((name) => right.has(name));
}

function checkRequest(world: World, order: Order, csr: CertificateRequest): void {
  if (!sameNames(csr.identifiers, order.identifiers)) {
    throw unauthorized('The CSR does not specify the same identifiers as the order');
  }
  // RFC 8555 section 11.1: an account key must not be a certificate's key.
  if (csr.thumbprint !== undefined && world.store.accountsByKey.has(csr.thumbprint)) {
    throw new AcmeProblem('badCSR', 'The key in the CSR is an account key');
  }
}

async function recheckCaa(world: World, order: Order): Promise<void> {
  const now = world.clock.now();
  for (const authorization of order.authorizations) {
    const proof = decidingChallenge(authorization, now);
    if (proof?.outcome && now - proof.outcome.at > CAA_FRESH_MS) await checkCaaOf(world, proof);
  }
}

/** Boulder's compare-and-swap: of two finalizes that both saw `ready` the later one fails here, and by habit its error stays on the order. */
function takeOn(world: World, order: Order): void {
  const lost = order.processingSince !== undefined;
  if (lost && world.settings.habits.doubleFinalizeDestroys) {
    const problem = new AcmeProblem('serverInternal', 'Error setting order processing');
    order.error = problem.document();
    throw problem;
  }
  checkReady(world, order);
  order.processingSince = world.clock.now();
}

function validity(world: World, order: Order): { readonly notBefore: number; readonly notAfter: number } {
  if (order.notBefore !== undefined && order.notAfter !== undefined) {
    return { notBefore: order.notBefore, notAfter: order.notAfter };
  }
  const lifetime = world.settings.profiles[order.profile]?.lifetimeMs ?? 0;
  // An hour back for clients whose clock is slow, as at Let's Encrypt; the second that notAfter names is still valid.
  const notBefore = Math.floor((world.clock.now() - BACKDATE_MS) / 1000) * 1000;
  return { notBefore, notAfter: notBefore + lifetime - 1000 };
}

async function issue(world: World, order: Order, csr: CertificateRequest): Promise<Certificate> {
  const profile = world.settings.profiles[order.profile];
  const dates = validity(world, order);
  const leaf = await world.issuer.sign({
    identifiers: order.identifiers,
    publicKeyInfo: csr.publicKeyInfo,
    isRsa: csr.publicKey.asymmetricKeyType === 'rsa',
    commonName: profile?.commonName ?? false,
    keyEncipherment: profile?.keyEncipherment ?? false,
    subjectKeyIdentifier: profile?.subjectKeyIdentifier ?? false,
    ...dates,
  });
  const issuedAt = world.clock.now();
  return {
    id: leaf.serial.toString('hex'),
    serial: leaf.serial.toString('hex'),
    certId: certIdOf(leaf.issuerKeyIdentifier, leaf.serial),
    account: order.account,
    order,
    der: leaf.der,
    chains: leaf.chains,
    publicKeyThumbprint: csr.thumbprint,
    issuedAt,
    availableAt: issuedAt + world.settings.finalize.processingMs,
    ...dates,
  };
}

function record(world: World, certificate: Certificate): void {
  const { order } = certificate;
  order.certificate = certificate;
  world.store.certificates.set(certificate.id, certificate);
  world.store.certificatesByDer.set(certificate.der.toString('base64url'), certificate);
  world.store.certificatesByCertId.set(certificate.certId, certificate);
  spendIssuance(world, certificate);
  world.journal.issued.push({
    at: certificate.issuedAt,
    account: world.urls.account(order.account),
    order: world.urls.order(order),
    names: order.identifiers.map((each) => each.value),
    profile: order.profile,
    serial: certificate.serial,
    certId: certificate.certId,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
  });
}

/** RFC 8555 section 7.4. What is refused before processing begins leaves the order `ready`. */
export async function finalize(world: World, call: Call): Promise<CaAnswer> {
  const signed = verifyByAccount(world, call);
  const order = findOrder(world, call, signed.account);
  checkReady(world, order);
  const csr = await readCsr(requiredString(parseObject(signed.payload, 'Payload'), 'csr'));
  checkRequest(world, order, csr);
  await recheckCaa(world, order);
  if (world.settings.finalize.acceptMs > 0) await world.clock.sleep(world.settings.finalize.acceptMs);
  takeOn(world, order);
  if (call.failOrder) order.error = call.failOrder;
  else record(world, await issue(world, order, csr));
  const location = world.settings.finalize.location ? { Location: world.urls.order(order) } : {};
  return orderAnswer(world, order, 200, location);
}
