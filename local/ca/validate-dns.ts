import { createHash } from 'node:crypto';
import type { Challenge } from './model.ts';
import { AcmeProblem, unauthorized } from './problems.ts';
import type { World } from './world.ts';

/** RFC 8555 section 8.1. */
export function keyAuthorization(challenge: Challenge): string {
  return `${challenge.token}.${challenge.authorization.account.key.thumbprint}`;
}

function digest(challenge: Challenge): string {
  return createHash('sha256').update(keyAuthorization(challenge)).digest('base64url');
}

/** The values at a validation name. @throws AcmeProblem dns for a name that does not exist, unauthorized for one without TXT. */
export async function txtAt(world: World, name: string): Promise<readonly string[]> {
  const { values, exists } = await world.lookup.txt(name);
  if (!exists) throw new AcmeProblem('dns', `DNS problem: NXDOMAIN looking up TXT for ${name}`);
  if (values.length === 0) throw unauthorized(`No TXT record found at ${name}`);
  return values;
}

async function checkDigest(world: World, challenge: Challenge, name: string): Promise<void> {
  const values = await txtAt(world, name);
  if (values.includes(digest(challenge))) return;
  const more = values.length > 1 ? ` (and ${values.length - 1} more)` : '';
  throw unauthorized(`Incorrect TXT record "${values[0]}"${more} found at ${name}`);
}

/** RFC 8555 section 8.4. */
export async function validateDns01(world: World, challenge: Challenge): Promise<void> {
  await checkDigest(world, challenge, `_acme-challenge.${challenge.authorization.identifier.value}`);
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 section 6, lower case; ten bytes need no padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((group) => BASE32[Number.parseInt(group, 2)]).join('');
}

/** The label of an account's validation name (draft-ietf-acme-dns-account-label). */
export function accountLabel(accountUrl: string): string {
  return `_${base32(createHash('sha256').update(accountUrl).digest().subarray(0, 10))}`;
}

export async function validateDnsAccount01(world: World, challenge: Challenge): Promise<void> {
  const { account, identifier } = challenge.authorization;
  const label = accountLabel(world.urls.account(account));
  await checkDigest(world, challenge, `${label}._acme-challenge.${identifier.value}`);
}
