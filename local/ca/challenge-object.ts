import { timestamp } from './clock.ts';
import type { Challenge } from './model.ts';
import { challengeStatus } from './status.ts';
import type { World } from './world.ts';

function proofOf(world: World, challenge: Challenge): object {
  if (challenge.type !== 'dns-persist-01') return { token: challenge.token };
  const accounturi = world.urls.account(challenge.authorization.account);
  return { accounturi, 'issuer-domain-names': world.settings.caaIdentities };
}

/** The challenge object (RFC 8555 sections 7.1.5 and 8). */
export function renderChallenge(world: World, challenge: Challenge): object {
  const now = world.clock.now();
  const status = challengeStatus(challenge, now);
  const problem = status === 'invalid' ? challenge.outcome?.problem : undefined;
  return {
    type: challenge.type,
    url: world.urls.challenge(challenge),
    status,
    ...proofOf(world, challenge),
    ...(status === 'valid' && challenge.outcome ? { validated: timestamp(challenge.outcome.at) } : {}),
    ...(problem ? { error: problem } : {}),
  };
}
