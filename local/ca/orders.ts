import { type SignedByAccount, verifyByAccount, verifyPostAsGet } from './authenticate.ts';
import { authorizationFor } from './authorizations.ts';
import { timestamp } from './clock.ts';
import { type JsonObject, optionalString, parseObject } from './fields.ts';
import { readIdentifiers, setKeyOf } from './identifiers.ts';
import { type Account, append, type Certificate, type Order } from './model.ts';
import { chargeNewOrder } from './order-limits.ts';
import { checkPaused } from './pause.ts';
import { AcmeProblem, type Identifier, malformed, notFound, unauthorized } from './problems.ts';
import type { CaProfile } from './profiles.ts';
import { findReplaced } from './replaces.ts';
import { retryAfter } from './retry-after.ts';
import { orderStatus } from './status.ts';
import { type CaAnswer, json, link } from './wire.ts';
import type { Call, World } from './world.ts';

/** The order object (RFC 8555 section 7.1.3, `replaces` by RFC 9773 section 5, `profile` by the profiles draft). */
export function renderOrder(world: World, order: Order): object {
  const status = orderStatus(world.settings, order, world.clock.now());
  const { certificate } = order;
  return {
    status,
    expires: timestamp(order.expiresAt),
    identifiers: order.identifiers,
    ...(order.notBefore === undefined ? {} : { notBefore: timestamp(order.notBefore) }),
    ...(order.notAfter === undefined ? {} : { notAfter: timestamp(order.notAfter) }),
    profile: order.profile,
    ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
    authorizations: order.authorizations.map((each) => world.urls.authorization(each)),
    finalize: world.urls.finalize(order),
    ...(order.error && { error: order.error }),
    ...(status === 'valid' && certificate ? { certificate: world.urls.certificate(certificate) } : {}),
  };
}

/** The answer that shows an order, with Retry-After while it is processing (RFC 8555 section 7.4). */
export function orderAnswer(world: World, order: Order, status: number, headers: CaAnswer['headers']): CaAnswer {
  const processing = orderStatus(world.settings, order, world.clock.now()) === 'processing';
  const wait = processing ? retryAfter(world, world.settings.retryAfter.order) : {};
  return json(status, renderOrder(world, order), { ...headers, ...wait });
}

function profileOf(world: World, body: JsonObject): { readonly name: string; readonly profile: CaProfile } {
  const name = optionalString(body, 'profile') ?? world.settings.defaultProfile;
  const profile = Object.hasOwn(world.settings.profiles, name) ? world.settings.profiles[name] : undefined;
  if (!profile) throw new AcmeProblem('invalidProfile', `Profile "${name}" does not exist`);
  return { name, profile };
}

function readDate(body: JsonObject, field: string): number | undefined {
  const text = optionalString(body, field);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\dT/.test(text)) throw malformed(`Field "${field}" is no RFC 3339 date`);
  return ms;
}

interface Dates {
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** RFC 8555 section 7.4: a request that cannot be fulfilled as specified is an error. */
function datesOf(world: World, body: JsonObject, profile: CaProfile): Dates {
  const notBefore = readDate(body, 'notBefore');
  const notAfter = readDate(body, 'notAfter');
  if (notBefore === undefined && notAfter === undefined) return {};
  if (world.settings.habits.refuseDates) throw malformed('notBefore and notAfter are not supported');
  const from = notBefore ?? world.clock.now();
  const to = notAfter ?? from + profile.lifetimeMs;
  if (to <= from || to - from > profile.lifetimeMs)
    throw malformed('The validity asked for is not one of this profile');
  return { notBefore: from, notAfter: to };
}

interface Wish {
  readonly account: Account;
  readonly identifiers: readonly Identifier[];
  readonly profileName: string;
  readonly profile: CaProfile;
  readonly replaces?: string;
  readonly dates: Dates;
}

function readWish(world: World, signed: SignedByAccount): Wish {
  const body = parseObject(signed.payload, 'Payload');
  const { name, profile } = profileOf(world, body);
  const identifiers = readIdentifiers(body.identifiers, profile, world.settings.blockedNames);
  const replaces = optionalString(body, 'replaces');
  return {
    account: signed.account,
    identifiers,
    profileName: name,
    profile,
    dates: datesOf(world, body, profile),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

/** Boulder's order reuse; `replaces` is not compared. */
function reusable(world: World, wish: Wish): Order | undefined {
  if (!world.settings.habits.reuseOrders) return undefined;
  const set = setKeyOf(wish.identifiers);
  const now = world.clock.now();
  return world.store.ordersOf.get(wish.account.id)?.find((order) => {
    const open = ['pending', 'ready'].includes(orderStatus(world.settings, order, now));
    return open && order.profile === wish.profileName && setKeyOf(order.identifiers) === set;
  });
}

/** What is checked before an order is made or found again, in Boulder's sequence: a reused order counts as a new one. */
function admit(world: World, wish: Wish): Certificate | undefined {
  const { account, identifiers, replaces } = wish;
  const replaced = replaces === undefined ? undefined : findReplaced(world, account, identifiers, replaces);
  checkPaused(world, account, identifiers);
  chargeNewOrder(world, account, identifiers, replaced);
  return replaced;
}

function create(world: World, wish: Wish, replaced: Certificate | undefined): Order {
  const now = world.clock.now();
  const order: Order = {
    id: world.token(),
    account: wish.account,
    identifiers: wish.identifiers,
    profile: wish.profileName,
    createdAt: now,
    expiresAt: now + wish.profile.orderMs,
    authorizations: wish.identifiers.map((each) => authorizationFor(world, wish.account, each, wish.profile)),
    ...wish.dates,
    ...(wish.replaces === undefined ? {} : { replaces: wish.replaces }),
  };
  world.store.orders.set(order.id, order);
  append(world.store.ordersOf, wish.account.id, order);
  if (replaced) replaced.replacedBy = order;
  return order;
}

/** RFC 8555 section 7.4. */
export function newOrder(world: World, call: Call): CaAnswer {
  const signed = verifyByAccount(world, call);
  const wish = readWish(world, signed);
  const replaced = admit(world, wish);
  const order = reusable(world, wish) ?? create(world, wish, replaced);
  const location = world.urls.order(order);
  call.entry.order = location;
  return orderAnswer(world, order, 201, { Location: location });
}

/** The account's order. @throws AcmeProblem 404 when it does not exist, is another's or, by habit, has expired. */
export function findOrder(world: World, call: Call, account: Account): Order {
  const { habits } = world.settings;
  const order = world.store.orders.get(call.id);
  if (order) call.entry.order = world.urls.order(order);
  const foreign = order && order.account !== account;
  if (foreign && !habits.hideForeignOrders) throw unauthorized('The order belongs to another account');
  const gone = order && habits.forgetExpiredOrders && world.clock.now() >= order.expiresAt;
  if (!order || foreign || gone) throw notFound('order');
  return order;
}

/** RFC 8555 section 7.4, POST-as-GET to the order URL. */
export function order(world: World, call: Call): CaAnswer {
  const signed = verifyPostAsGet(world, call);
  return orderAnswer(world, findOrder(world, call, signed.account), 200, {});
}

const PAGE = 10;

/** RFC 8555 section 7.1.2.1: orders that are not invalid, in pages linked by `next`. */
export function ordersList(world: World, call: Call): CaAnswer {
  const signed = verifyPostAsGet(world, call);
  const [id, , page = '1'] = call.id.split('/');
  if (world.settings.habits.noOrdersList || !/^[1-9]\d*$/.test(page)) throw notFound('orders list');
  if (id !== signed.account.id) throw unauthorized('The orders list belongs to another account');
  const now = world.clock.now();
  const known = world.store.ordersOf.get(id) ?? [];
  const open = known.filter((each) => orderStatus(world.settings, each, now) !== 'invalid');
  const from = (Number(page) - 1) * PAGE;
  const next = `${world.urls.orders(signed.account)}/page/${Number(page) + 1}`;
  const headers = open.length > from + PAGE ? { Link: [link(next, 'next')] } : {};
  return json(200, { orders: open.slice(from, from + PAGE).map((each) => world.urls.order(each)) }, headers);
}
