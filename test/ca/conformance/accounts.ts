import { type Agent, type Answer, type Json, strings } from '../support/agent.ts';
import { ecKey, type SigningKey, signJws } from '../support/signer.ts';
import type { Stage } from '../support/stage.ts';
import { CREATED, collect, OK, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const accountCases = cases;

const malformed = refused(400, 'malformed');

async function register(stage: Stage, payload: unknown): Promise<Answer> {
  const agent = stage.stranger();
  return agent.post(await agent.url('newAccount'), payload);
}

async function contact(stage: Stage, ...contacts: readonly string[]): Promise<unknown> {
  return seen(await register(stage, { termsOfServiceAgreed: true, contact: contacts }));
}

add(
  'account-new',
  '7.3',
  'newAccount gets 201, Location, a valid account and its orders list',
  async (stage) => {
    const answer = await stage.stranger().register();
    const { status, orders } = answer.body;
    return [answer.status, answer.header('location')?.startsWith('https://'), status, typeof orders];
  },
  [201, true, 'valid', 'string'],
);
add(
  'account-again',
  '7.3.1',
  'newAccount with a known key gets 200 and the same Location',
  async (stage) => {
    const agent = await stage.member();
    const { kid } = agent;
    agent.kid = undefined;
    const answer = await agent.register();
    return [answer.status, answer.header('location') === kid];
  },
  [200, true],
);
add(
  'account-again-without-terms',
  '7.3.1',
  'a known key is found without agreeing again',
  async (stage) => {
    const agent = await stage.member();
    agent.kid = undefined;
    return seen(await agent.register({}));
  },
  OK,
);
add(
  'only-existing-unknown',
  '7.3.1',
  'onlyReturnExisting with an unknown key gets accountDoesNotExist',
  async (stage) => {
    return seen(await register(stage, { onlyReturnExisting: true }));
  },
  refused(400, 'accountDoesNotExist'),
);
add(
  'only-existing-known',
  '7.3.1',
  'onlyReturnExisting with a known key gets 200',
  async (stage) => {
    const agent = await stage.member();
    agent.kid = undefined;
    return seen(await agent.register({ onlyReturnExisting: true }));
  },
  OK,
);
add(
  'terms-not-agreed',
  '7.3.3',
  'without agreement to the terms registration gets userActionRequired',
  async (stage) => {
    return seen(await register(stage, {}));
  },
  refused(403, 'userActionRequired'),
);
add(
  'terms-refused',
  '7.3',
  'termsOfServiceAgreed false is no agreement',
  async (stage) => {
    return seen(await register(stage, { termsOfServiceAgreed: false }));
  },
  refused(403, 'userActionRequired'),
);
add(
  'terms-link',
  '7.3.3',
  'that refusal links to the terms',
  async (stage) => {
    return (await register(stage, {})).links.some((link) => link.includes('rel="terms-of-service"'));
  },
  true,
);
add(
  'account-payload-array',
  '7.3',
  'a payload that is no object is refused',
  async (stage) => seen(await register(stage, [])),
  malformed,
);
add(
  'account-payload-empty',
  '7.3',
  'an empty payload is refused',
  async (stage) => seen(await register(stage, undefined)),
  malformed,
);
add(
  'account-terms-type',
  '7.3',
  'termsOfServiceAgreed that is no boolean is refused',
  async (stage) => {
    return seen(await register(stage, { termsOfServiceAgreed: 'yes' }));
  },
  malformed,
);
add(
  'account-unknown-members',
  '7.3',
  'members nobody knows are ignored',
  async (stage) => {
    return seen(await register(stage, { termsOfServiceAgreed: true, color: 'green' }));
  },
  CREATED,
);
add(
  'account-orders-ignored',
  '7.3',
  '"orders" of a client is ignored',
  async (stage) => {
    const answer = await register(stage, { termsOfServiceAgreed: true, orders: 'https://elsewhere.test/' });
    return [answer.status, answer.body.orders === 'https://elsewhere.test/'];
  },
  [201, false],
);
add(
  'contact',
  '7.3',
  'a contact is kept',
  async (stage) => {
    const answer = await register(stage, { termsOfServiceAgreed: true, contact: ['mailto:a@example.test'] });
    return answer.body.contact;
  },
  ['mailto:a@example.test'],
);
add(
  'contact-tel',
  '7.3',
  'a contact scheme other than mailto gets unsupportedContact',
  async (stage) => {
    return contact(stage, 'tel:+12025551212');
  },
  refused(400, 'unsupportedContact'),
);
add(
  'contact-hfields',
  '7.3',
  'a mailto with hfields gets invalidContact',
  async (stage) => {
    return contact(stage, 'mailto:a@example.test?subject=x');
  },
  refused(400, 'invalidContact'),
);
add(
  'contact-two-in-one',
  '7.3',
  'a mailto with two addresses gets invalidContact',
  async (stage) => {
    return contact(stage, 'mailto:a@example.test,b@example.test');
  },
  refused(400, 'invalidContact'),
);
add(
  'contact-empty',
  '7.3',
  'a mailto without address gets invalidContact',
  async (stage) => {
    return contact(stage, 'mailto:');
  },
  refused(400, 'invalidContact'),
);
add(
  'contact-not-ascii',
  '7.3',
  'an address that is not ASCII gets invalidContact',
  async (stage) => {
    return contact(stage, 'mailto:a@exämple.test');
  },
  refused(400, 'invalidContact'),
);
add(
  'account-read',
  '7.3.2',
  'an account is read by POST-as-GET',
  async (stage) => {
    const agent = await stage.member();
    const answer = await agent.post(String(agent.kid));
    return [answer.status, answer.body.status];
  },
  [200, 'valid'],
);
add(
  'account-update',
  '7.3.2',
  'contacts can be changed',
  async (stage) => {
    const agent = await stage.member();
    const answer = await agent.post(String(agent.kid), { contact: ['mailto:b@example.test'] });
    return [answer.status, answer.body.contact];
  },
  [200, ['mailto:b@example.test']],
);
add(
  'account-update-bad',
  '7.3.2',
  'contacts cannot be changed to bad ones',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(String(agent.kid), { contact: ['tel:1'] }));
  },
  refused(400, 'unsupportedContact'),
);
add(
  'account-update-nothing',
  '7.3.2',
  'an update of nothing gets 200',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(String(agent.kid), {}));
  },
  OK,
);
add(
  'account-status-invented',
  '7.3.6',
  'a status but "deactivated" cannot be set',
  async (stage) => {
    const agent = await stage.member();
    return seen(await agent.post(String(agent.kid), { status: 'revoked' }));
  },
  malformed,
);
add(
  'account-other',
  '7.3.2',
  'another account cannot be read',
  async (stage) => {
    const [agent, other] = [await stage.member(), await stage.member()];
    return seen(await agent.post(String(other.kid)));
  },
  refused(403, 'unauthorized'),
);
add(
  'account-deactivate',
  '7.3.6',
  'an account can be deactivated',
  async (stage) => {
    const agent = await stage.member();
    const answer = await agent.post(String(agent.kid), { status: 'deactivated' });
    return [answer.status, answer.body.status];
  },
  [200, 'deactivated'],
);
add(
  'account-deactivated',
  '7.3.6',
  'a deactivated account gets 401 unauthorized',
  async (stage) => {
    const agent = await stage.member();
    await agent.post(String(agent.kid), { status: 'deactivated' });
    return seen(await agent.order([stage.name()]));
  },
  refused(401, 'unauthorized'),
);
add(
  'account-deactivated-new',
  '7.3.6',
  'a deactivated key cannot register again',
  async (stage) => {
    const agent = await stage.member();
    await agent.post(String(agent.kid), { status: 'deactivated' });
    agent.kid = undefined;
    return seen(await agent.post(await agent.url('newAccount'), { termsOfServiceAgreed: true }));
  },
  refused(401, 'unauthorized'),
);
add(
  'orders-list',
  '7.1.2.1',
  'the orders list has a new order',
  async (stage) => {
    const agent = await stage.member();
    const order = await agent.order([stage.name()]);
    const { orders } = (await agent.post(String(agent.kid))).body;
    return strings((await agent.post(String(orders))).body.orders).includes(order.header('location') ?? '');
  },
  true,
);

/** keyChange to `newKey`, with the inner JWS as changed. */
async function change(
  agent: Agent,
  newKey: SigningKey,
  header: Json = {},
  content: Json = {},
  by = newKey,
): Promise<Answer> {
  const url = await agent.url('keyChange');
  const payload = JSON.stringify({ account: agent.kid, oldKey: agent.key.jwk, ...content });
  return agent.post(url, signJws(by, { alg: newKey.alg, jwk: newKey.jwk, url, ...header }, payload));
}

add(
  'key-change',
  '7.3.5',
  'the key is changed: the new one is good, the old one is not',
  async (stage) => {
    const agent = await stage.member();
    const newKey = ecKey();
    const changed = await change(agent, newKey);
    const byNew = await agent.post(String(agent.kid), undefined, { key: newKey });
    return [changed.status, byNew.status, (await agent.post(String(agent.kid))).status];
  },
  [200, 200, 400],
);
add(
  'key-change-other-kind',
  '7.3.5',
  'the new key may be of another kind',
  async (stage) => {
    return (await change(await stage.member(), ecKey('P-384'))).status;
  },
  200,
);
add(
  'key-change-wrong-signer',
  '7.3.5',
  'an inner JWS that the new key did not sign is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), {}, {}, ecKey()));
  },
  malformed,
);
add(
  'key-change-url',
  '7.3.5',
  'an inner "url" that differs is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), { url: 'https://elsewhere.test/' }));
  },
  malformed,
);
add(
  'key-change-no-url',
  '7.3.5',
  'an inner JWS without "url" is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), { url: undefined }));
  },
  malformed,
);
add(
  'key-change-no-jwk',
  '7.3.5',
  'an inner JWS without "jwk" is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), { jwk: undefined }));
  },
  malformed,
);
add(
  'key-change-nonce',
  '7.3.5',
  'an inner JWS with "nonce" is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), { nonce: 'bm9uY2U' }));
  },
  malformed,
);
add(
  'key-change-account',
  '7.3.5',
  'an inner "account" that is another is refused',
  async (stage) => {
    const other = await stage.member();
    return seen(await change(await stage.member(), ecKey(), {}, { account: other.kid }));
  },
  malformed,
);
add(
  'key-change-old-key',
  '7.3.5',
  'an "oldKey" that is another is refused',
  async (stage) => {
    return seen(await change(await stage.member(), ecKey(), {}, { oldKey: ecKey().jwk }));
  },
  malformed,
);
add(
  'key-change-same',
  '7.3.5',
  'the old key as the new one is refused',
  async (stage) => {
    const agent = await stage.member();
    return (await change(agent, agent.key)).status >= 400;
  },
  true,
);
add(
  'key-change-in-use',
  '7.3.5',
  'a key in use gets 409 and the Location of its account',
  async (stage) => {
    const [agent, other] = [await stage.member(), await stage.member()];
    const answer = await change(agent, other.key);
    return [answer.status, answer.header('location') === other.kid];
  },
  [409, true],
);
