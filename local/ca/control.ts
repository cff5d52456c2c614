import { timestamp } from './clock.ts';
import type { Account, Certificate, Order } from './model.ts';
import { pairKey } from './pause.ts';
import type { RenewalInfoOverride } from './renewal-window.ts';
import { type OrderStatus, orderStatus } from './status.ts';
import type { World } from './world.ts';

/** An order as the CA's operator sees it. */
export interface OrderView {
  readonly url: string;
  readonly account: string;
  readonly names: readonly string[];
  readonly profile: string;
  readonly status: OrderStatus;
  readonly expires: string;
  readonly certificate?: string;
  readonly replaces?: string;
}

/** A certificate as the CA's operator sees it. */
export interface CertificateView {
  readonly url: string;
  readonly serial: string;
  readonly certId: string;
  readonly order: string;
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
  /** Leaf and intermediate, PEM. */
  readonly chainPem: string;
  readonly revoked: boolean;
  readonly revocationReason?: number;
}

/** What a CA's operator can do to it. URLs are those that clients see. */
export interface CaControl {
  orders(): readonly OrderView[];
  certificates(): readonly CertificateView[];
  /** Pauses a name for an account, as Let's Encrypt does after many failures in a row. */
  pause(accountUrl: string, name: string): void;
  unpause(accountUrl: string, name: string): void;
  /** New terms: accounts must agree to them before anything else (RFC 8555 section 7.3.3). */
  changeTerms(url: string): void;
  /** What the person does who visits the terms' URL. */
  agreeTerms(accountUrl: string): void;
  /** Deactivates an account from the CA's side (status `revoked`). */
  revokeAccount(accountUrl: string): void;
  /** Forgets an account, as a CA that was set up anew. */
  forgetAccount(accountUrl: string): void;
  /** Forgets all nonces, as a restarted front end. */
  forgetNonces(): void;
  /** Sets what ARI says about a certificate, by certID; undefined goes back to what the CA works out. */
  setRenewalInfo(certId: string, override: RenewalInfoOverride | undefined): void;
  /** Revokes a certificate from the CA's side, by certID. */
  revoke(certId: string, reason?: number): void;
  /** Takes back the authorizations that an account has for a name. */
  revokeAuthorizations(accountUrl: string, name: string): void;
}

function viewOfOrder(world: World, order: Order): OrderView {
  return {
    url: world.urls.order(order),
    account: world.urls.account(order.account),
    names: order.identifiers.map((each) => each.value),
    profile: order.profile,
    status: orderStatus(world.settings, order, world.clock.now()),
    expires: timestamp(order.expiresAt),
    ...(order.certificate ? { certificate: world.urls.certificate(order.certificate) } : {}),
    ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
  };
}

function viewOfCertificate(world: World, certificate: Certificate): CertificateView {
  return {
    url: world.urls.certificate(certificate),
    serial: certificate.serial,
    certId: certificate.certId,
    order: world.urls.order(certificate.order),
    names: certificate.order.identifiers.map((each) => each.value),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    chainPem: certificate.chains[0] ?? '',
    revoked: certificate.revoked !== undefined,
    ...(certificate.revoked ? { revocationReason: certificate.revoked.reason } : {}),
  };
}

function accountAt(world: World, url: string): Account {
  const found = [...world.store.accounts.values()].find((each) => world.urls.account(each) === url);
  if (!found) throw new Error(`No account has the URL "${url}"`);
  return found;
}

function certificateOf(world: World, certId: string): Certificate {
  const found = world.store.certificatesByCertId.get(certId);
  if (!found) throw new Error(`No certificate has the certID "${certId}"`);
  return found;
}

function forget(world: World, account: Account): void {
  world.store.accounts.delete(account.id);
  world.store.accountsByKey.delete(account.key.thumbprint);
}

function revokeAuthorizations(world: World, account: Account, name: string): void {
  for (const authorization of world.store.authorizationsOf.get(account.id) ?? []) {
    if (authorization.identifier.value === name) authorization.ended = 'revoked';
  }
}

/** The operator's side of a CA. @throws Error, from each function, on a URL or certID that does not exist. */
export function createControl(world: World): CaControl {
  return {
    orders: () => [...world.store.orders.values()].map((each) => viewOfOrder(world, each)),
    certificates: () => [...world.store.certificates.values()].map((each) => viewOfCertificate(world, each)),
    pause: (account, name) => world.paused.add(pairKey(accountAt(world, account).id, name)),
    unpause: (account, name) => {
      const pair = pairKey(accountAt(world, account).id, name);
      world.paused.delete(pair);
      world.limits.refill('consecutiveFailures', pair);
    },
    changeTerms: (url) => {
      world.terms = url;
    },
    agreeTerms: (account) => {
      accountAt(world, account).terms = world.terms;
    },
    revokeAccount: (account) => {
      accountAt(world, account).status = 'revoked';
    },
    forgetAccount: (account) => forget(world, accountAt(world, account)),
    forgetNonces: () => world.nonces.forget(),
    setRenewalInfo: (certId, override) => {
      if (override) world.renewalInfo.set(certificateOf(world, certId).certId, override);
      else world.renewalInfo.delete(certId);
    },
    revoke: (certId, reason = 0) => {
      certificateOf(world, certId).revoked = { at: world.clock.now(), reason };
    },
    revokeAuthorizations: (account, name) => revokeAuthorizations(world, accountAt(world, account), name),
  };
}
