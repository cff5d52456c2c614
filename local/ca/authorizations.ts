import { checkOwner, verifyByAccount } from './authenticate.ts';
import { renderChallenge } from './challenge-object.ts';
import { timestamp } from './clock.ts';
import { parseObject } from './fields.ts';
import { type Account, type Authorization, append, type Challenge } from './model.ts';
import type { ChallengeType } from './options.ts';
import { type Identifier, malformed, notFound } from './problems.ts';
import type { CaProfile } from './profiles.ts';
import { retryAfter } from './retry-after.ts';
import { authorizationExpiry, authorizationStatus, challengeStatus, decidingChallenge } from './status.ts';
import { type CaAnswer, json } from './wire.ts';
import type { Call, World } from './world.ts';

/** Wildcards are proven by DNS alone (RFC 8555 section 7.1.3 leaves it open, CA/B BR 3.2.2.4 does not), addresses by HTTP. */
function typesFor(world: World, identifier: Identifier, wildcard: boolean): readonly ChallengeType[] {
  if (identifier.type === 'ip') return world.settings.challenges.filter((type) => type === 'http-01');
  return world.settings.challenges.filter((type) => !wildcard || type !== 'http-01');
}

function create(world: World, account: Account, name: Identifier, profile: CaProfile): Authorization {
  const wildcard = name.type === 'dns' && name.value.startsWith('*.');
  const identifier = wildcard ? { type: 'dns', value: name.value.slice(2) } : name;
  const authorization: Authorization = {
    id: world.token(),
    account,
    identifier,
    wildcard,
    challenges: [],
    pendingUntil: world.clock.now() + profile.pendingAuthorizationMs,
    validForMs: profile.validAuthorizationMs,
  };
  for (const type of typesFor(world, identifier, wildcard)) {
    const challenge: Challenge = { id: world.token(), type, token: world.token(), authorization };
    authorization.challenges.push(challenge);
    world.store.challenges.set(challenge.id, challenge);
  }
  world.store.authorizations.set(authorization.id, authorization);
  append(world.store.authorizationsOf, account.id, authorization);
  return authorization;
}

function matches(authorization: Authorization, name: Identifier): boolean {
  const { identifier, wildcard } = authorization;
  return identifier.type === name.type && (wildcard ? `*.${identifier.value}` : identifier.value) === name.value;
}

/** dns-persist-01 is checked anew for each order: its authorizations are never reused. */
function isReusable(world: World, authorization: Authorization): boolean {
  const now = world.clock.now();
  const { habits } = world.settings;
  const status = authorizationStatus(authorization, now);
  if (status === 'pending') return habits.reusePendingAuthorizations;
  return (
    status === 'valid' &&
    habits.reuseValidAuthorizations &&
    decidingChallenge(authorization, now)?.type !== 'dns-persist-01'
  );
}

/** A new authorization for the name, or by habit one that the account has. */
export function authorizationFor(world: World, account: Account, name: Identifier, profile: CaProfile): Authorization {
  const known = world.store.authorizationsOf.get(account.id) ?? [];
  const reusable = known.filter((each) => matches(each, name) && isReusable(world, each));
  const now = world.clock.now();
  const valid = reusable.find((each) => authorizationStatus(each, now) === 'valid');
  return valid ?? reusable[0] ?? create(world, account, name, profile);
}

/** Until it is decided all challenges are shown, then the one that decided it (RFC 8555 section 7.1.4). */
function shownChallenges(authorization: Authorization, now: number): readonly Challenge[] {
  const decided = decidingChallenge(authorization, now);
  return decided ? [decided] : authorization.challenges;
}

function render(world: World, authorization: Authorization): object {
  const now = world.clock.now();
  return {
    identifier: authorization.identifier,
    status: authorizationStatus(authorization, now),
    expires: timestamp(authorizationExpiry(authorization, now)),
    challenges: shownChallenges(authorization, now).map((each) => renderChallenge(world, each)),
    ...(authorization.wildcard ? { wildcard: true } : {}),
  };
}

/** RFC 8555 section 7.5.2: the one change a client may make. */
function deactivate(world: World, authorization: Authorization, payload: string): void {
  if (parseObject(payload, 'Payload').status !== 'deactivated') {
    throw malformed('An authorization\'s status can be set to "deactivated" only');
  }
  const status = authorizationStatus(authorization, world.clock.now());
  if (status !== 'pending' && status !== 'valid') throw malformed(`The authorization is ${status}`);
  authorization.ended = 'deactivated';
}

/** RFC 8555 sections 7.5 and 7.5.2. */
export function authorization(world: World, call: Call): CaAnswer {
  const signed = verifyByAccount(world, call);
  const found = world.store.authorizations.get(call.id);
  if (!found) throw notFound('authorization');
  checkOwner(found.account, signed.account, 'authorization');
  if (signed.payload !== '') deactivate(world, found, signed.payload);
  const now = world.clock.now();
  const validating = found.challenges.some((each) => challengeStatus(each, now) === 'processing');
  const wait = validating ? retryAfter(world, world.settings.retryAfter.authorization) : {};
  return json(200, render(world, found), wait);
}
