import { checkCaa } from './caa.ts';
import type { Challenge } from './model.ts';
import type { ChallengeType } from './options.ts';
import { AcmeProblem, type ProblemDocument } from './problems.ts';
import { validateDns01, validateDnsAccount01 } from './validate-dns.ts';
import { validateHttp01 } from './validate-http.ts';
import { validateDnsPersist01 } from './validate-persist.ts';
import type { World } from './world.ts';

const METHODS: Readonly<Record<ChallengeType, (world: World, challenge: Challenge) => Promise<void>>> = {
  'dns-01': validateDns01,
  'http-01': validateHttp01,
  'dns-account-01': validateDnsAccount01,
  'dns-persist-01': validateDnsPersist01,
};

/** CAA for a name, once it has been proven by this challenge. @throws AcmeProblem */
export async function checkCaaOf(world: World, challenge: Challenge): Promise<void> {
  const { account, identifier, wildcard } = challenge.authorization;
  if (!world.settings.checkCaa || identifier.type !== 'dns') return;
  await checkCaa(world.lookup, {
    name: identifier.value,
    wildcard,
    identities: world.settings.caaIdentities,
    accountUrl: world.urls.account(account),
    challengeType: challenge.type,
  });
}

/** One attempt at a challenge (RFC 8555 section 8): the problem, or undefined when the name is proven and CAA permits. */
export async function validate(world: World, challenge: Challenge): Promise<ProblemDocument | undefined> {
  try {
    await METHODS[challenge.type](world, challenge);
    await checkCaaOf(world, challenge);
    return undefined;
  } catch (error) {
    if (error instanceof AcmeProblem) return error.document();
    throw error;
  }
}
