import { checkOwner, verifyByAccount } from './authenticate.ts';
import { renderChallenge } from './challenge-object.ts';
import { parseObject } from './fields.ts';
import type { Authorization, Challenge } from './model.ts';
import { pairKey } from './pause.ts';
import { malformed, notFound } from './problems.ts';
import { retryAfter } from './retry-after.ts';
import { authorizationStatus, challengeStatus } from './status.ts';
import { validate } from './validate.ts';
import { type CaAnswer, json, link } from './wire.ts';
import type { Call, World } from './world.ts';

/** What a failure or a success does to the limits, and to the pause of Let's Encrypt. */
function count(world: World, authorization: Authorization, failed: boolean): void {
  const scope = pairKey(authorization.account.id, authorization.identifier.value);
  if (!failed) {
    world.limits.refill('consecutiveFailures', scope);
    return;
  }
  world.limits.spend('failedAuthorizations', scope);
  if (world.limits.spend('consecutiveFailures', scope)) world.paused.add(scope);
}

/** The look-up is done while the request waits; its outcome counts from `validationMs` later on. */
async function attempt(world: World, challenge: Challenge): Promise<void> {
  const answeredAt = world.clock.now();
  challenge.answeredAt = answeredAt;
  const problem = await validate(world, challenge);
  challenge.outcome = { at: answeredAt + world.settings.validationMs, ...(problem ? { problem } : {}) };
  count(world, challenge.authorization, problem !== undefined);
}

/** RFC 8555 section 7.5.1: `{}`; the key authorization of the drafts is refused. */
function checkPayload(payload: string): void {
  if ('keyAuthorization' in parseObject(payload, 'Payload')) {
    throw malformed('"keyAuthorization" is no longer sent; the payload is {}');
  }
}

async function answer(world: World, challenge: Challenge, payload: string): Promise<void> {
  checkPayload(payload);
  const now = world.clock.now();
  const status = authorizationStatus(challenge.authorization, now);
  // One that is being validated, or has been, takes the request again: its client may not have got the answer.
  if (status === 'valid' || challengeStatus(challenge, now) === 'processing') return;
  if (status !== 'pending') throw malformed(`The authorization is ${status}; a new order brings a new one`);
  await attempt(world, challenge);
}

/** RFC 8555 sections 7.5.1 and 8: POST with `{}` answers the challenge, POST-as-GET reads it. */
export async function challenge(world: World, call: Call): Promise<CaAnswer> {
  const signed = verifyByAccount(world, call);
  const found = world.store.challenges.get(call.id);
  if (!found) throw notFound('challenge');
  checkOwner(found.authorization.account, signed.account, 'challenge');
  if (signed.payload !== '') await answer(world, found, signed.payload);
  const validating = challengeStatus(found, world.clock.now()) === 'processing';
  return json(200, renderChallenge(world, found), {
    ...(validating ? retryAfter(world, world.settings.retryAfter.authorization) : {}),
    Link: [link(world.urls.authorization(found.authorization), 'up')],
  });
}
