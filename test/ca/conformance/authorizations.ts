import { createHash } from 'node:crypto';
import { accountLabel } from '../../../local/ca/validate-dns.ts';
import { type Agent, type Json, objects } from '../support/agent.ts';
import type { Stage } from '../support/stage.ts';
import { collect, refused, seen } from './case.ts';

const { cases, add } = collect('RFC 8555');
export const authorizationCases = cases;

const malformed = refused(400, 'malformed');

/** The issuer domain of both servers. */
export const ISSUER_DOMAIN = 'ca.example.net';

interface Pending {
  readonly agent: Agent;
  readonly name: string;
  readonly orderUrl: string;
  readonly url: string;
  readonly body: Json;
}

async function pending(stage: Stage, wildcard = false): Promise<Pending> {
  const agent = await stage.member();
  const name = stage.name();
  const order = await agent.order([wildcard ? `*.${name}` : name]);
  const { url, body } = await stage.authorization(agent, order);
  return { agent, name, orderUrl: order.header('location') ?? '', url, body };
}

/** Status of authorization and order after the challenge, and the challenge's problem. */
async function outcome(stage: Stage, at: Pending, type: string): Promise<unknown> {
  const challenge = stage.challenge(at.body, type);
  const ended = await stage.answer(at.agent, at.url, challenge);
  const order = await at.agent.poll(at.orderUrl, (answer) => answer.body.status !== 'pending');
  const problem = objects(ended.challenges).map((each) => (each.error as Json | undefined)?.type)[0];
  const type_ = typeof problem === 'string' ? { problem: problem.split(':').at(-1) } : {};
  return { authorization: ended.status, order: order.body.status, ...type_ };
}

const PROVEN = { authorization: 'valid', order: 'ready' };
const failed = (problem: string) => ({ authorization: 'invalid', order: 'invalid', problem });

function dnsValue(stage: Stage, at: Pending): string {
  return at.agent.dnsValue(String(stage.challenge(at.body, 'dns-01').token));
}

add(
  'authorization',
  '7.1.4',
  'a new authorization is pending, has its name, its end and its challenges',
  async (stage) => {
    const { body, name } = await pending(stage);
    const { identifier, status } = body;
    const future = Date.parse(String(body.expires)) > Date.now();
    return [identifier, status, future, body.wildcard, objects(body.challenges).length > 0].map((each) =>
      each === identifier ? (each as Json).value === name : each,
    );
  },
  [true, 'pending', true, undefined, true],
);
add(
  'challenge-object',
  '7.1.5',
  'a challenge has type, url, status and a token of 128 bits in base64url',
  async (stage) => {
    const { body } = await pending(stage);
    const { url, status, token } = stage.challenge(body, 'dns-01');
    return [String(url).startsWith('https://'), status, /^[A-Za-z0-9_-]{22,}$/.test(String(token))];
  },
  [true, 'pending', true],
);
add(
  'tokens-differ',
  '8',
  'no two challenges have the same token',
  async (stage) => {
    const [one, other] = [await pending(stage), await pending(stage)];
    const tokens = [one, other].flatMap(({ body }) => objects(body.challenges).flatMap((each) => each.token ?? []));
    return new Set(tokens).size === tokens.length;
  },
  true,
);
add(
  'wildcard-challenges',
  '7.1.4',
  'a wildcard is offered dns challenges only',
  async (stage) => {
    const { body } = await pending(stage, true);
    return objects(body.challenges).every((each) => String(each.type).startsWith('dns-'));
  },
  true,
);
add(
  'authorization-unknown',
  '7.5',
  'an unknown authorization gets 404',
  async (stage) => {
    const { agent, url } = await pending(stage);
    return (await agent.post(`${url.slice(0, -3)}000`)).status;
  },
  404,
);
add(
  'authorization-foreign',
  '7.5',
  "another account's authorization is not shown",
  async (stage) => {
    const { url } = await pending(stage);
    return seen(await (await stage.member()).post(url));
  },
  refused(403, 'unauthorized'),
);
add(
  'authorization-deactivate',
  '7.5.2',
  'an authorization can be deactivated, which ends its order',
  async (stage) => {
    const { agent, url, orderUrl } = await pending(stage);
    const answer = await agent.post(url, { status: 'deactivated' });
    return [answer.status, answer.body.status, (await agent.post(orderUrl)).body.status];
  },
  [200, 'deactivated', 'invalid'],
);
add(
  'authorization-status',
  '7.5.2',
  'an authorization cannot be set to another status',
  async (stage) => {
    const { agent, url } = await pending(stage);
    return seen(await agent.post(url, { status: 'valid' }));
  },
  malformed,
);
add(
  'authorization-deactivate-foreign',
  '7.5.2',
  'another account cannot deactivate it',
  async (stage) => {
    const { url } = await pending(stage);
    return seen(await (await stage.member()).post(url, { status: 'deactivated' }));
  },
  refused(403, 'unauthorized'),
);
add(
  'challenge-read',
  '7.5.1',
  'reading a challenge does not begin validation',
  async (stage) => {
    const { agent, url, body } = await pending(stage);
    const read = await agent.post(String(stage.challenge(body, 'dns-01').url));
    return [read.status, read.body.status, (await agent.post(url)).body.status];
  },
  [200, 'pending', 'pending'],
);
add(
  'challenge-up',
  '7.5.1',
  'the answer to a challenge links to its authorization as "up"',
  async (stage) => {
    const { agent, url, body } = await pending(stage);
    return (await agent.post(String(stage.challenge(body, 'dns-01').url), {})).links.includes(`<${url}>;rel="up"`);
  },
  true,
);
add(
  'challenge-key-authorization',
  '7.5.1',
  'the "keyAuthorization" of the drafts is refused',
  async (stage) => {
    const { agent, body } = await pending(stage);
    return seen(await agent.post(String(stage.challenge(body, 'dns-01').url), { keyAuthorization: 'x' }));
  },
  malformed,
);
add(
  'challenge-payload',
  '7.5.1',
  'a payload that is no object is refused',
  async (stage) => {
    const { agent, body } = await pending(stage);
    return seen(await agent.post(String(stage.challenge(body, 'dns-01').url), 'true'));
  },
  malformed,
);
add(
  'challenge-foreign',
  '7.5.1',
  'another account cannot answer it',
  async (stage) => {
    const { body } = await pending(stage);
    return seen(await (await stage.member()).post(String(stage.challenge(body, 'dns-01').url), {}));
  },
  refused(403, 'unauthorized'),
);
add(
  'challenge-unknown',
  '7.5.1',
  'an unknown challenge gets 404',
  async (stage) => {
    const { agent, body } = await pending(stage);
    return (await agent.post(`${String(stage.challenge(body, 'dns-01').url).slice(0, -3)}000`, {})).status;
  },
  404,
);
add(
  'dns-01',
  '8.4',
  'dns-01 proves a name',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.txt(`_acme-challenge.${at.name}`, dnsValue(stage, at));
    return outcome(stage, at, 'dns-01');
  },
  PROVEN,
);
add(
  'dns-01-wildcard',
  '8.4',
  'dns-01 proves a wildcard at the name below it',
  async (stage) => {
    const at = await pending(stage, true);
    stage.zone.txt(`_acme-challenge.${at.name}`, dnsValue(stage, at));
    return outcome(stage, at, 'dns-01');
  },
  PROVEN,
);
add(
  'dns-01-several',
  '8.4',
  'one right value among others is enough',
  async (stage) => {
    const at = await pending(stage);
    for (const value of ['one', dnsValue(stage, at), 'another']) stage.zone.txt(`_acme-challenge.${at.name}`, value);
    return outcome(stage, at, 'dns-01');
  },
  PROVEN,
);
add(
  'dns-01-cname',
  '8.4',
  'a CNAME is followed',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({
      name: `_acme-challenge.${at.name}`,
      type: 'CNAME',
      ttl: 1,
      data: `${at.name.split('.')[0]}.other.test`,
    });
    stage.zone.txt(`${at.name.split('.')[0]}.other.test`, dnsValue(stage, at));
    return outcome(stage, at, 'dns-01');
  },
  PROVEN,
);
add(
  'dns-01-wrong',
  '8.4',
  'a wrong value gets unauthorized and ends authorization and order',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.txt(`_acme-challenge.${at.name}`, 'wrong');
    return outcome(stage, at, 'dns-01');
  },
  failed('unauthorized'),
);
add(
  'dns-01-no-txt',
  '8.4',
  'a name without TXT gets unauthorized',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({ name: `_acme-challenge.${at.name}`, type: 'A', ttl: 1, data: '127.0.0.1' });
    return outcome(stage, at, 'dns-01');
  },
  failed('unauthorized'),
);
add(
  'dns-01-nxdomain',
  '8.4',
  'a name that does not exist gets a DNS problem',
  async (stage) => {
    return outcome(stage, await pending(stage), 'dns-01');
  },
  failed('dns'),
);
add(
  'dns-01-key-authorization',
  '8.4',
  'the key authorization itself is not its digest',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.txt(
      `_acme-challenge.${at.name}`,
      at.agent.keyAuthorization(String(stage.challenge(at.body, 'dns-01').token)),
    );
    return outcome(stage, at, 'dns-01');
  },
  failed('unauthorized'),
);
add(
  'challenge-decided',
  '7.1.4',
  'a valid authorization shows the challenge that proved it, with its time',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.txt(`_acme-challenge.${at.name}`, dnsValue(stage, at));
    const ended = await stage.answer(at.agent, at.url, stage.challenge(at.body, 'dns-01'));
    const shown = objects(ended.challenges);
    return shown.map((each) => [each.type, each.status, Number.isNaN(Date.parse(String(each.validated)))]);
  },
  [['dns-01', 'valid', false]],
);
add(
  'challenge-twice',
  '7.5.1',
  'a challenge that is valid takes another answer and stays valid',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.txt(`_acme-challenge.${at.name}`, dnsValue(stage, at));
    const challenge = stage.challenge(at.body, 'dns-01');
    await stage.answer(at.agent, at.url, challenge);
    return seen(await at.agent.post(String(challenge.url), {}));
  },
  { status: 200, problem: undefined },
);
add(
  'challenge-after-failure',
  '7.5.1',
  'a challenge that failed cannot be tried again',
  async (stage) => {
    const at = await pending(stage);
    const challenge = stage.challenge(at.body, 'dns-01');
    await stage.answer(at.agent, at.url, challenge);
    return seen(await at.agent.post(String(challenge.url), {}));
  },
  malformed,
);
add(
  'http-01',
  '8.3',
  'http-01 proves a name',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({ name: at.name, type: 'A', ttl: 1, data: '127.0.0.1' });
    stage.web.serve(at.name, (token) => at.agent.keyAuthorization(token));
    return outcome(stage, at, 'http-01');
  },
  PROVEN,
);
add(
  'http-01-whitespace',
  '8.3',
  'whitespace after the key authorization is ignored',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({ name: at.name, type: 'A', ttl: 1, data: '127.0.0.1' });
    stage.web.serve(at.name, (token) => `${at.agent.keyAuthorization(token)} \r\n`);
    return outcome(stage, at, 'http-01');
  },
  PROVEN,
);
add(
  'http-01-wrong',
  '8.3',
  'another body gets unauthorized',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({ name: at.name, type: 'A', ttl: 1, data: '127.0.0.1' });
    stage.web.serve(at.name, () => 'something else');
    return outcome(stage, at, 'http-01');
  },
  failed('unauthorized'),
);
add(
  'http-01-closed',
  '8.3',
  'a connection that is closed gets a connection problem',
  async (stage) => {
    const at = await pending(stage);
    stage.zone.add({ name: at.name, type: 'A', ttl: 1, data: '127.0.0.1' });
    return outcome(stage, at, 'http-01');
  },
  failed('connection'),
);
add(
  'dns-account-01',
  '8',
  "dns-account-01 proves a name at the account's label (draft-ietf-acme-dns-account-label section 3)",
  async (stage) => {
    const at = await pending(stage);
    const digest = createHash('sha256').update(
      at.agent.keyAuthorization(String(stage.challenge(at.body, 'dns-account-01').token)),
    );
    stage.zone.txt(`${accountLabel(String(at.agent.kid))}._acme-challenge.${at.name}`, digest.digest('base64url'));
    return outcome(stage, at, 'dns-account-01');
  },
  PROVEN,
);

/** dns-persist-01 with a record made for the account. */
async function persist(stage: Stage, wildcard: boolean, record: (account: string) => string): Promise<unknown> {
  const at = await pending(stage, wildcard);
  stage.zone.txt(`_validation-persist.${at.name}`, record(String(at.agent.kid)));
  return outcome(stage, at, 'dns-persist-01');
}

const DRAFT = '(draft-ietf-acme-dns-persist section 3)';
add(
  'persist-object',
  '8',
  `dns-persist-01 names issuer domains and account, no token ${DRAFT}`,
  async (stage) => {
    const { body, agent } = await pending(stage);
    const challenge = stage.challenge(body, 'dns-persist-01');
    return [challenge.token, challenge['issuer-domain-names'], challenge.accounturi === agent.kid];
  },
  [undefined, [ISSUER_DOMAIN], true],
);
add(
  'persist',
  '8',
  `dns-persist-01 proves a name ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, (account) => `${ISSUER_DOMAIN}; accounturi=${account}`);
  },
  PROVEN,
);
add(
  'persist-wildcard',
  '8',
  `dns-persist-01 proves a wildcard with policy=wildcard ${DRAFT}`,
  async (stage) => {
    return persist(stage, true, (account) => `${ISSUER_DOMAIN}; accounturi=${account}; policy=wildcard`);
  },
  PROVEN,
);
add(
  'persist-wildcard-no-policy',
  '8',
  `dns-persist-01 without it proves no wildcard ${DRAFT}`,
  async (stage) => {
    return persist(stage, true, (account) => `${ISSUER_DOMAIN}; accounturi=${account}`);
  },
  failed('unauthorized'),
);
add(
  'persist-until',
  '8',
  `a persistUntil to come proves a name ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, (account) => `${ISSUER_DOMAIN}; accounturi=${account}; persistUntil=4102444800`);
  },
  PROVEN,
);
add(
  'persist-until-past',
  '8',
  `a persistUntil that has passed proves nothing ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, (account) => `${ISSUER_DOMAIN}; accounturi=${account}; persistUntil=1700000000`);
  },
  failed('unauthorized'),
);
add(
  'persist-other-account',
  '8',
  `another account's record proves nothing ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, () => `${ISSUER_DOMAIN}; accounturi=https://elsewhere.test/acct/1`);
  },
  failed('unauthorized'),
);
add(
  'persist-other-issuer',
  '8',
  `another CA's record proves nothing ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, (account) => `ca.invalid; accounturi=${account}`);
  },
  failed('unauthorized'),
);
add(
  'persist-no-account',
  '8',
  `a record without accounturi is malformed ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, () => ISSUER_DOMAIN);
  },
  failed('malformed'),
);
add(
  'persist-twice',
  '8',
  `a parameter that is there twice is malformed ${DRAFT}`,
  async (stage) => {
    return persist(stage, false, (account) => `${ISSUER_DOMAIN}; accounturi=${account}; accounturi=${account}`);
  },
  failed('malformed'),
);
