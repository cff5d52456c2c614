import { type CaAnswer, json } from './wire.ts';
import type { World } from './world.ts';

function metaOf(world: World): object {
  const { profiles, caaIdentities, externalAccounts } = world.settings;
  return {
    ...(world.terms === undefined ? {} : { termsOfService: world.terms }),
    website: 'https://www.rfc-editor.org/rfc/rfc8555',
    caaIdentities,
    ...(externalAccounts.required ? { externalAccountRequired: true } : {}),
    profiles: Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [name, profile.description])),
  };
}

/** RFC 8555 section 7.1.1. As at Let's Encrypt, one random member keeps clients from rejecting what they do not know. */
export function directory(world: World): CaAnswer {
  const { urls, settings } = world;
  return json(200, {
    newNonce: urls.at('/acme/new-nonce'),
    newAccount: urls.at('/acme/new-acct'),
    newOrder: urls.at('/acme/new-order'),
    revokeCert: urls.at('/acme/revoke-cert'),
    keyChange: urls.at('/acme/key-change'),
    ...(settings.renewalInfo ? { renewalInfo: urls.renewalInfo() } : {}),
    [world.token()]: 'https://www.rfc-editor.org/rfc/rfc8555#section-7.1.1',
    meta: metaOf(world),
  });
}

/** RFC 8555 section 7.2: 200 to HEAD, 204 to GET. The router adds the nonce. */
export function newNonce(method: string): CaAnswer {
  return { status: method === 'HEAD' ? 200 : 204, headers: { 'Cache-Control': 'no-store' }, body: '' };
}
