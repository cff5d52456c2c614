import { Agent, type Answer, strings, type Twist } from '../support/agent.ts';
import { ecKey, rsaKey } from '../support/signer.ts';
import type { Stage } from '../support/stage.ts';
import { CREATED, collect, OK, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const requestCases = cases;

const TERMS = { termsOfServiceAgreed: true };

/** newAccount with something wrong about the request. */
async function register(stage: Stage, twist: Twist): Promise<Answer> {
  const agent = stage.stranger();
  return agent.post(await agent.url('newAccount'), TERMS, twist);
}

/** newOrder by an account, with something wrong about the request. */
async function order(stage: Stage, twist: Twist): Promise<Answer> {
  const agent = await stage.member();
  const payload = { identifiers: [{ type: 'dns', value: stage.name() }], profile: 'default' };
  return agent.post(await agent.url('newOrder'), payload, twist);
}

async function raw(stage: Stage, body: string): Promise<Answer> {
  const agent = stage.stranger();
  return agent.ask(await agent.url('newAccount'), 'POST', { 'content-type': 'application/jose+json' }, body);
}

const malformed = refused(400, 'malformed');

add(
  'no-user-agent',
  '6.1',
  'a request without User-Agent is refused',
  async (stage) => {
    return seen(await stage.stranger().ask(stage.server.directoryUrl, 'GET', { 'user-agent': '' }));
  },
  malformed,
);
add(
  'content-type',
  '6.2',
  'a POST with another Content-Type gets 415',
  async (stage) => {
    return seen(await register(stage, { contentType: 'application/json' }));
  },
  refused(415, 'malformed'),
);
add(
  'content-type-parameter',
  '6.2',
  'a Content-Type with parameters gets 415',
  async (stage) => {
    return seen(await register(stage, { contentType: 'application/jose+json; charset=utf-8' }));
  },
  refused(415, 'malformed'),
);
add(
  'unprotected-header',
  '6.2',
  'an unprotected header is refused',
  async (stage) => {
    return seen(await register(stage, { jws: (jws) => ({ ...jws, header: { alg: 'ES256' } }) }));
  },
  malformed,
);
add(
  'signatures',
  '6.2',
  'the general serialization is refused',
  async (stage) => {
    return seen(await register(stage, { jws: ({ payload, ...one }) => ({ payload, signatures: [one] }) }));
  },
  malformed,
);
add(
  'two-signatures',
  '6.2',
  'a second signature beside the first is refused',
  async (stage) => {
    return seen(
      await register(stage, {
        jws: (jws) => ({ ...jws, signatures: [{ protected: jws.protected, signature: jws.signature }] }),
      }),
    );
  },
  malformed,
);
add(
  'body-not-json',
  '6.2',
  'a body that is not JSON is refused',
  async (stage) => seen(await raw(stage, 'hello')),
  malformed,
);
add(
  'body-array',
  '6.2',
  'a body that is an array is refused',
  async (stage) => seen(await raw(stage, '[]')),
  malformed,
);
add('body-empty', '6.2', 'an empty body is refused', async (stage) => seen(await raw(stage, '')), malformed);
add(
  'no-signature',
  '6.2',
  'a JWS without signature is refused',
  async (stage) => {
    return seen(await register(stage, { jws: ({ signature, ...rest }) => rest }));
  },
  malformed,
);
add(
  'no-protected',
  '6.2',
  'a JWS without protected header is refused',
  async (stage) => {
    return seen(await register(stage, { jws: ({ protected: gone, ...rest }) => rest }));
  },
  malformed,
);
add(
  'padded-payload',
  '6.1',
  'base64url with padding is refused',
  async (stage) => {
    return seen(await register(stage, { jws: (jws) => ({ ...jws, payload: `${jws.payload}==` }) }));
  },
  malformed,
);
add(
  'header-not-json',
  '6.2',
  'a protected header that is not JSON is refused',
  async (stage) => {
    return seen(await register(stage, { jws: (jws) => ({ ...jws, protected: 'bm90IGpzb24' }) }));
  },
  malformed,
);
add(
  'alg-none',
  '6.2',
  '"none" is refused as an algorithm',
  async (stage) => {
    return seen(await register(stage, { header: { alg: 'none' } }));
  },
  refused(400, 'badSignatureAlgorithm'),
);
add(
  'alg-mac',
  '6.2',
  'a MAC is refused as an algorithm',
  async (stage) => {
    return seen(await register(stage, { header: { alg: 'HS256' } }));
  },
  refused(400, 'badSignatureAlgorithm'),
);
add(
  'alg-missing',
  '6.2',
  'a header without "alg" is refused',
  async (stage) => {
    return (await register(stage, { header: { alg: undefined } })).status;
  },
  400,
);
add(
  'alg-of-other-key',
  '6.2',
  'an algorithm that does not fit the key is refused',
  async (stage) => {
    return seen(await register(stage, { header: { alg: 'ES384' } }));
  },
  refused(400, 'badSignatureAlgorithm'),
);
add(
  'alg-list',
  '6.2',
  'the refusal of an algorithm lists those supported',
  async (stage) => {
    const answer = await register(stage, { header: { alg: 'HS256' } });
    return strings(answer.body.algorithms).includes('ES256');
  },
  true,
);
add(
  'key-p384',
  '6.2',
  'an ES384 key may register',
  async (stage) => {
    return seen(await new Agent(stage.server, ecKey('P-384')).register());
  },
  CREATED,
);
add(
  'key-p521',
  '6.2',
  'an ES512 key may register',
  async (stage) => {
    return seen(await new Agent(stage.server, ecKey('P-521')).register());
  },
  CREATED,
);
add(
  'key-rsa',
  '6.2',
  'an RS256 key of 2048 bits may register',
  async (stage) => {
    return seen(await new Agent(stage.server, rsaKey(2048)).register());
  },
  CREATED,
);
add(
  'key-rsa-1024',
  '6.2',
  'an RSA key of 1024 bits gets badPublicKey',
  async (stage) => {
    return seen(await new Agent(stage.server, rsaKey(1024)).register());
  },
  refused(400, 'badPublicKey'),
);
add(
  'jwk-private',
  '6.2',
  'a "jwk" with a private key is refused',
  async (stage) => {
    const agent = stage.stranger();
    const jwk = agent.key.privateKey.export({ format: 'jwk' });
    return seen(await agent.post(await agent.url('newAccount'), TERMS, { header: { jwk } }));
  },
  malformed,
);
add(
  'jwk-off-curve',
  '6.2',
  'a "jwk" whose point is not on the curve is refused',
  async (stage) => {
    const agent = stage.stranger();
    const jwk = { ...agent.key.jwk, y: agent.key.jwk.x };
    return seen(await agent.post(await agent.url('newAccount'), TERMS, { header: { jwk } }));
  },
  malformed,
);
add(
  'jwk-and-kid',
  '6.2',
  '"jwk" and "kid" together are refused',
  async (stage) => {
    const agent = await stage.member();
    const url = await agent.url('newOrder');
    return seen(await agent.post(url, {}, { header: { jwk: agent.key.jwk } }));
  },
  malformed,
);
add(
  'neither-jwk-nor-kid',
  '6.2',
  'neither "jwk" nor "kid" is refused',
  async (stage) => {
    return seen(await register(stage, { header: { jwk: undefined } }));
  },
  malformed,
);
add(
  'crit',
  '6.2',
  'a "crit" header nobody understands is refused (RFC 7515 section 4.1.11)',
  async (stage) => {
    return seen(await register(stage, { header: { crit: ['x'], x: 1 } }));
  },
  malformed,
);
add(
  'kid-on-new-account',
  '7.3',
  'newAccount signed by an account is refused',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(await agent.url('newAccount'), TERMS));
  },
  malformed,
);
add(
  'jwk-on-new-order',
  '6.2',
  'newOrder signed by "jwk" is refused',
  async (stage) => {
    return seen(await order(stage, { header: { kid: undefined, jwk: ecKey().jwk } }));
  },
  malformed,
);
add(
  'kid-unknown',
  '6.2',
  'an unknown account gets accountDoesNotExist',
  async (stage) => {
    const agent = await stage.member();
    agent.kid = `${agent.kid?.slice(0, -3)}000`;
    return seen(await agent.post(await agent.url('newOrder'), {}));
  },
  refused(400, 'accountDoesNotExist'),
);
add(
  'kid-elsewhere',
  '6.2',
  'a "kid" that is no account URL is refused',
  async (stage) => {
    return seen(await order(stage, { header: { kid: 'https://elsewhere.test/acct/1' } }));
  },
  malformed,
);
add(
  'signature-other-key',
  '6.2',
  "a signature by another key than the account's is refused",
  async (stage) => {
    return seen(await order(stage, { key: ecKey() }));
  },
  malformed,
);
add(
  'payload-tampered',
  '6.2',
  'a payload changed after signing is refused',
  async (stage) => {
    return seen(await register(stage, { jws: (jws) => ({ ...jws, payload: 'e30' }) }));
  },
  malformed,
);
add(
  'signature-tampered',
  '6.2',
  'a signature that does not verify is refused',
  async (stage) => {
    return seen(await register(stage, { jws: (jws) => ({ ...jws, signature: `A${jws.signature.slice(1, -1)}A` }) }));
  },
  malformed,
);
add(
  'url-missing',
  '6.4',
  'a header without "url" is refused',
  async (stage) => {
    return seen(await order(stage, { header: { url: undefined } }));
  },
  malformed,
);
add(
  'url-other-resource',
  '6.4',
  'a "url" of another resource is refused',
  async (stage) => {
    const url = await stage.stranger().url('newAccount');
    return seen(await order(stage, { header: { url } }));
  },
  malformed,
);
add(
  'url-other-host',
  '6.4',
  'a "url" of another host is refused',
  async (stage) => {
    return seen(await order(stage, { header: { url: 'https://elsewhere.test/new-order' } }));
  },
  malformed,
);
add(
  'url-query',
  '6.4',
  'a "url" without the query of the request is refused',
  async (stage) => {
    const agent = await stage.member();
    const url = await agent.url('newOrder');
    return seen(await agent.post(url, {}, { sendTo: `${url}?x=1` }));
  },
  malformed,
);
add(
  'nonce-missing',
  '6.5',
  'a header without "nonce" gets badNonce',
  async (stage) => {
    return seen(await register(stage, { header: { nonce: undefined } }));
  },
  refused(400, 'badNonce'),
);
add(
  'nonce-unknown',
  '6.5',
  'a nonce the server did not issue gets badNonce',
  async (stage) => {
    return seen(await register(stage, { header: { nonce: 'bm90LWlzc3VlZC1ieS10aGlzLXNlcnZlcg' } }));
  },
  refused(400, 'badNonce'),
);
add(
  'nonce-used',
  '6.5',
  'a nonce is good once',
  async (stage) => {
    const agent = await stage.member();
    const nonce = await agent.nonce();
    const url = String(agent.kid);
    const first = await agent.post(url, undefined, { header: { nonce } });
    return [seen(first), seen(await agent.post(url, undefined, { header: { nonce } }))];
  },
  [OK, refused(400, 'badNonce')],
);
add(
  'nonce-used-by-failure',
  '6.5',
  'a request that fails later has used its nonce up',
  async (stage) => {
    const agent = await stage.member();
    const nonce = await agent.nonce();
    const url = await agent.url('newOrder');
    await agent.post(url, {}, { header: { nonce } });
    return seen(await agent.post(url, {}, { header: { nonce } }));
  },
  refused(400, 'badNonce'),
);
add(
  'nonce-not-base64url',
  '6.5.2',
  'a nonce that is not base64url is malformed',
  async (stage) => {
    return seen(await register(stage, { header: { nonce: 'not base64url!' } }));
  },
  malformed,
);
add(
  'nonce-in-refusal',
  '6.5',
  'badNonce brings a fresh nonce that is good',
  async (stage) => {
    const agent = stage.stranger();
    const url = await agent.url('newAccount');
    const answer = await agent.post(url, TERMS, { header: { nonce: 'bm90LWlzc3VlZA' } });
    const nonce = answer.header('replay-nonce');
    return seen(await agent.post(url, TERMS, { header: { nonce } }));
  },
  CREATED,
);
add(
  'nonce-in-answer',
  '6.5',
  'the nonce of a successful answer is good for the next request',
  async (stage) => {
    const agent = stage.stranger();
    const nonce = (await agent.register()).header('replay-nonce');
    return seen(await agent.post(String(agent.kid), undefined, { header: { nonce } }));
  },
  OK,
);
add(
  'get-new-account',
  '6.3',
  'GET of newAccount gets 405',
  async (stage) => {
    const agent = stage.stranger();
    return seen(await agent.ask(await agent.url('newAccount')));
  },
  refused(405, 'malformed'),
);
add(
  'get-order',
  '6.3',
  'GET of an order gets 405 and Allow',
  async (stage) => {
    const agent = await stage.member();
    const made = await agent.order([stage.name()]);
    const answer = await agent.ask(made.header('location') ?? '');
    return { ...seen(answer), allow: answer.header('allow') };
  },
  { ...refused(405, 'malformed'), allow: 'POST' },
);
add(
  'put-directory',
  '6.3',
  'PUT of the directory gets 405',
  async (stage) => {
    return seen(await stage.stranger().ask(stage.server.directoryUrl, 'PUT'));
  },
  refused(405, 'malformed'),
);
add(
  'unknown-path',
  '6.7',
  'a path that is no resource gets 404',
  async (stage) => {
    return (await stage.stranger().ask(new URL('/no/such/thing', stage.server.directoryUrl).href)).status;
  },
  404,
);
add(
  'problem-content-type',
  '6.7',
  'a refusal is application/problem+json',
  async (stage) => {
    const answer = await register(stage, { header: { url: undefined } });
    return answer.header('content-type')?.split(';')[0];
  },
  'application/problem+json',
);
add(
  'problem-status',
  '6.7',
  'a problem document repeats the HTTP status and explains itself',
  async (stage) => {
    const answer = await register(stage, { header: { url: undefined } });
    return [answer.body.status, typeof answer.body.detail];
  },
  [400, 'string'],
);
add(
  'directory',
  '7.1.1',
  'the directory has all resources',
  async (stage) => {
    const directory = await stage.stranger().directory();
    return ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange'].filter(
      (name) => !String(directory[name]).startsWith('https://'),
    );
  },
  [],
);
add(
  'directory-type',
  '7.1.1',
  'the directory is application/json',
  async (stage) => {
    return (await stage.stranger().ask(stage.server.directoryUrl)).header('content-type')?.split(';')[0];
  },
  'application/json',
);
add(
  'directory-meta',
  '7.1.1',
  'the directory tells terms and CAA identities',
  async (stage) => {
    const meta = (await stage.stranger().directory()).meta as Record<string, unknown>;
    return [typeof meta.termsOfService, strings(meta.caaIdentities).length];
  },
  ['string', 1],
);
add(
  'directory-profiles',
  '7.1.1',
  'the directory tells its profiles (draft-ietf-acme-profiles section 3)',
  async (stage) => {
    const meta = (await stage.stranger().directory()).meta as Record<string, object>;
    return Object.keys(meta.profiles ?? {}).toSorted();
  },
  ['default', 'shortlived'],
);
add(
  'directory-post',
  '6.3',
  'the directory answers POST-as-GET',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(stage.server.directoryUrl));
  },
  OK,
);
add(
  'nonce-head',
  '7.2',
  'HEAD of newNonce gets 200 and a nonce',
  async (stage) => {
    const agent = stage.stranger();
    const answer = await agent.ask(await agent.url('newNonce'), 'HEAD');
    return [answer.status, /^[A-Za-z0-9_-]+$/.test(answer.header('replay-nonce') ?? '')];
  },
  [200, true],
);
add(
  'nonce-get',
  '7.2',
  'GET of newNonce gets 204 and a nonce',
  async (stage) => {
    const agent = stage.stranger();
    const answer = await agent.ask(await agent.url('newNonce'));
    return [answer.status, answer.header('replay-nonce') !== undefined];
  },
  [204, true],
);
add(
  'nonce-no-store',
  '7.2',
  'newNonce is not to be stored',
  async (stage) => {
    const agent = stage.stranger();
    return (await agent.ask(await agent.url('newNonce'))).header('cache-control');
  },
  'no-store',
);
add(
  'nonce-post',
  '6.3',
  'newNonce answers POST-as-GET',
  async (stage) => {
    const agent = await stage.member();
    return (await agent.post(await agent.url('newNonce'))).status;
  },
  204,
);
add(
  'index-link',
  '7.1',
  'all resources but the directory link to it as "index"',
  async (stage) => {
    const agent = stage.stranger();
    const link = `<${stage.server.directoryUrl}>;rel="index"`;
    const nonce = await agent.ask(await agent.url('newNonce'));
    const directory = await agent.ask(stage.server.directoryUrl);
    return [nonce.links.includes(link), directory.links.includes(link)];
  },
  [true, false],
);
