import type { Answer, Json } from '../support/agent.ts';
import { ecKey, type FlatJws, macJws } from '../support/signer.ts';
import type { Stage } from '../support/stage.ts';
import { CREATED, collect, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const externalAccountCases = cases;

/** The one external account of the servers that these cases run against. */
export const EXTERNAL_ACCOUNT = {
  kid: 'kid-1',
  key: Buffer.from('a MAC key of thirty-two bytes....').toString('base64url'),
};

interface Change {
  readonly header?: Json;
  readonly key?: string;
  readonly payload?: object;
  readonly jws?: (jws: FlatJws) => unknown;
}

async function bind(stage: Stage, change: Change = {}): Promise<Answer> {
  const agent = stage.stranger();
  const url = await agent.url('newAccount');
  const header = { alg: 'HS256', kid: EXTERNAL_ACCOUNT.kid, url, ...change.header };
  const jws = macJws(change.key ?? EXTERNAL_ACCOUNT.key, header, JSON.stringify(change.payload ?? agent.key.jwk));
  const externalAccountBinding = change.jws ? change.jws(jws) : jws;
  return agent.post(url, { termsOfServiceAgreed: true, externalAccountBinding });
}

add(
  'eab-directory',
  '7.1.1',
  'the directory says that an external account is needed',
  async (stage) => {
    return ((await stage.stranger().directory()).meta as Json).externalAccountRequired;
  },
  true,
);
add(
  'eab-missing',
  '7.3.4',
  'registration without a binding gets externalAccountRequired',
  async (stage) => {
    const agent = stage.stranger();
    return seen(await agent.register());
  },
  refused(403, 'externalAccountRequired'),
);
add(
  'eab',
  '7.3.4',
  'a good binding is taken and shown',
  async (stage) => {
    const answer = await bind(stage);
    return [seen(answer), typeof answer.body.externalAccountBinding];
  },
  [CREATED, 'object'],
);
add(
  'eab-unknown',
  '7.3.4',
  'an unknown key identifier gets unauthorized',
  async (stage) => {
    return seen(await bind(stage, { header: { kid: 'nobody' } }));
  },
  refused(403, 'unauthorized'),
);
add(
  'eab-wrong-mac',
  '7.3.4',
  'a MAC by another key gets unauthorized',
  async (stage) => {
    return seen(await bind(stage, { key: 'YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcw' }));
  },
  refused(403, 'unauthorized'),
);
add(
  'eab-other-key',
  '7.3.4',
  'a binding for another account key is refused',
  async (stage) => {
    return (await bind(stage, { payload: ecKey().jwk })).status >= 400;
  },
  true,
);
add(
  'eab-url',
  '7.3.4',
  'a "url" that differs is refused',
  async (stage) => {
    return seen(await bind(stage, { header: { url: 'https://elsewhere.test/' } }));
  },
  refused(400, 'malformed'),
);
add(
  'eab-nonce',
  '7.3.4',
  'a "nonce" is refused',
  async (stage) => {
    return seen(await bind(stage, { header: { nonce: 'bm9uY2U' } }));
  },
  refused(400, 'malformed'),
);
add(
  'eab-alg',
  '7.3.4',
  'an algorithm that is no MAC is refused',
  async (stage) => {
    return seen(await bind(stage, { header: { alg: 'ES256' } }));
  },
  refused(400, 'malformed'),
);
add(
  'eab-no-kid',
  '7.3.4',
  'a binding without "kid" is refused',
  async (stage) => {
    return seen(await bind(stage, { header: { kid: undefined } }));
  },
  refused(400, 'malformed'),
);
add(
  'eab-shape',
  '7.3.4',
  'a binding that is no JWS is refused',
  async (stage) => {
    return seen(await bind(stage, { jws: () => ({ kid: 'kid-1' }) }));
  },
  refused(400, 'malformed'),
);
