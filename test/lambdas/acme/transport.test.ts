import { inspect } from 'node:util';
import * as acme from 'acme-client';
import { describe, expect, it } from 'vitest';
import { AcmeError } from '../../../lambdas/acme/error.ts';
import type { AcmeSession } from '../../../lambdas/acme/session.ts';
import type { AcmeAnswer } from '../../../lambdas/core/problem.ts';
import type { Said } from './scripted-ca.ts';
import {
  BASE,
  created,
  DIRECTORY,
  json,
  KEY_PEM,
  NOW,
  ORDER,
  openSession,
  problem,
  scriptedCa,
  settingsOf,
  TIME_LEFT_MS,
} from './scripted-ca.ts';

const ORDER_URL = `${BASE}/order/1`;
const NAMES = ['www.example.test'];
const LATEST = NOW + TIME_LEFT_MS;

/** What was thrown, which must be an {@link AcmeError}. */
async function refusalOf(work: Promise<unknown>): Promise<AcmeError> {
  const thrown = await work.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  if (!(thrown instanceof AcmeError)) throw new Error(`no AcmeError: ${inspect(thrown)}`);
  return thrown;
}

async function answerTo(said: Said): Promise<AcmeAnswer> {
  const ca = scriptedCa(['POST /order/1', said]);
  const { answer } = await refusalOf(openSession(ca, {}, ['n']).session.order(ORDER_URL));
  expect(ca.requests).toHaveLength(1);
  return answer;
}

describe('a nonce that the CA refuses', () => {
  it('is replaced by that of the refusal: the same request, signed again', async () => {
    const refused = problem(400, 'badNonce', { headers: { 'replay-nonce': 'fresh' } });
    const ca = scriptedCa(['POST /new-order', refused], ['POST /new-order', created('next')]);
    const { session, takeNonce } = openSession(ca, {}, ['stale']);
    expect((await session.newOrder(NAMES, LATEST)).url).toBe(ORDER_URL);
    expect(ca.signed().map(({ header }) => header.nonce)).toEqual(['stale', 'fresh']);
    const [first, second] = ca.signed();
    expect(second?.payload).toEqual(first?.payload);
    expect([takeNonce(), takeNonce()]).toEqual(['next', '']);
  });

  it('is replaced five times and then is the failure, with no nonce of it kept', async () => {
    const refusals = Array.from({ length: 6 }, (_, index): readonly [string, Said] => [
      'POST /order/1',
      problem(400, 'badNonce', { headers: { 'replay-nonce': `n${index + 1}` } }),
    ]);
    const ca = scriptedCa(...refusals, ['POST /order/1', json(ORDER)]);
    const { session, takeNonce } = openSession(ca, {}, ['n0']);
    const { answer } = await refusalOf(session.order(ORDER_URL));
    expect(answer).toMatchObject({ request: 'order', status: 400, problem: { type: 'badNonce' } });
    expect(ca.signed().map(({ header }) => header.nonce)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5']);
    expect(takeNonce()).toBe('');
  });

  it('may be refused five times again for the next request of the session', async () => {
    const refused = (nonce: string): Said => problem(400, 'badNonce', { headers: { 'replay-nonce': nonce } });
    const five = ['a', 'b', 'c', 'd', 'e'].map((nonce): readonly [string, Said] => ['POST /order/1', refused(nonce)]);
    const ca = scriptedCa(...five, ['POST /order/1', json(ORDER, 'x')], ...five, ['POST /order/1', json(ORDER)]);
    const { session } = openSession(ca, {}, ['n']);
    await session.order(ORDER_URL);
    await session.order(ORDER_URL);
    expect(ca.isOver()).toBe(true);
  });
});

describe('a refusal', () => {
  it.each([429, 500, 502, 503, 504])('with HTTP status %d is sent once and told at once', async (status) => {
    const { retryAt, ...answer } = await answerTo({ status, headers: { 'retry-after': '1' }, body: 'busy' });
    expect(answer).toMatchObject({ request: 'order', status });
    expect(retryAt).toBe(NOW + 1000);
  });

  it('tells its type, its detail and what it says of each identifier', async () => {
    const subproblems = [
      { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA says no', identifier: { type: 'dns', value: 'a.test' } },
      { type: 'urn:ietf:params:acme:error:dns', detail: 'SERVFAIL' },
    ];
    const { problem: told } = await answerTo(problem(403, 'compound', { fields: { subproblems } }));
    expect(told).toEqual({
      type: 'compound',
      detail: 'about compound',
      subproblems: [
        { type: 'caa', detail: 'CAA says no', identifier: 'a.test' },
        { type: 'dns', detail: 'SERVFAIL' },
      ],
    });
  });

  it.each([
    ['seconds', '120', NOW + 120_000],
    ['an HTTP-date', new Date(NOW + 90_000).toUTCString(), NOW + 90_000],
    ['a date that has passed', new Date(NOW - 1000).toUTCString(), undefined],
    ['garbage', 'soon', undefined],
    ['a negative number', '-5', undefined],
    ['nothing', '', undefined],
  ])('whose Retry-After is %s', async (_what, header, retryAt) => {
    const answer = await answerTo(problem(429, 'rateLimited', { headers: { 'retry-after': header } }));
    expect(answer.retryAt).toBe(retryAt);
  });

  it.each([
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
    ['nothing', ''],
    ['JSON that is no object', '"oops"'],
    ['JSON that was cut off', '{"type":"urn:ietf:params:acme:error:rateLim'],
  ])('whose body is %s is judged by its status', async (_what, body) => {
    const answer = await answerTo({ status: 502, body });
    expect(answer).toMatchObject({ status: 502, problem: { type: '', detail: '' } });
  });

  it('gives its nonce to the next request', async () => {
    const refused = problem(403, 'unauthorized', { headers: { 'replay-nonce': 'after' } });
    const { session, takeNonce } = openSession(scriptedCa(['POST /order/1', refused]), {}, ['n']);
    await refusalOf(session.order(ORDER_URL));
    expect(takeNonce()).toBe('after');
  });
});

describe('no answer', () => {
  it('to newOrder or finalize is told as uncertain, and the request is not repeated', async () => {
    const lost = new Error('socket hang up');
    const ca = scriptedCa(['POST /new-order', lost], ['POST /finalize/1', lost]);
    const { session } = openSession(ca, {}, ['a', 'b']);
    const newOrder = await refusalOf(session.newOrder(NAMES, LATEST));
    const [, csr] = await acme.crypto.createCsr({ altNames: NAMES });
    const order = { url: ORDER_URL, finalizeUrl: ORDER.finalize };
    const finalize = await refusalOf(session.finalize(order, csr.toString(), LATEST));
    for (const [request, error] of Object.entries({ newOrder, finalize })) {
      expect(error.answer).toMatchObject({ request, status: 0 });
      expect(error.toFailure().detail).toMatchObject({ class: 'reconcile', code: 'noAnswer', ca: 'scripted' });
      expect(error.message).toContain('socket hang up');
    }
    expect(ca.requests).toHaveLength(2);
  });

  it('is waited for no longer than the invocation or the intent allows', async () => {
    const ca = scriptedCa(
      ['POST /order/1', json(ORDER, 'b')],
      ['POST /new-order', created('c')],
      ['POST /order/1', json(ORDER)],
    );
    const { session } = openSession(ca, {}, ['a']);
    await session.order(ORDER_URL);
    await session.newOrder(NAMES, NOW + 7_000);
    await session.order(ORDER_URL);
    expect(ca.requests.map(({ timeoutMs }) => timeoutMs)).toEqual([TIME_LEFT_MS, 7_000, TIME_LEFT_MS]);
  });

  it('is what a request gets that has no time left, without being sent', async () => {
    const ca = scriptedCa();
    const { answer } = await refusalOf(openSession(ca, {}, ['n']).session.newOrder(NAMES, NOW));
    expect(answer).toEqual({ request: 'newOrder', status: 0 });
    expect(ca.requests).toEqual([]);
  });
});

describe('a URL', () => {
  it.each([
    'https://evil.example.test/order/1',
    'https://ca.example.test:8443/order/1',
    'http://ca.example.test/order/1',
    'https://ca.example.test@evil.example.test/order/1',
    'https://ca.example.test.evil.test/order/1',
    '//evil.example.test/order/1',
    '/order/1',
    'file:///etc/passwd',
  ])('that is not on the directory’s host is sent nothing: %s', async (url) => {
    const ca = scriptedCa();
    const error = await refusalOf(openSession(ca, {}, ['n']).session.order(url));
    expect(error.answer.problem?.type).toBe('foreignUrl');
    expect(error.message).toContain('is not on https://ca.example.test');
    expect(ca.requests).toEqual([]);
  });

  it('of the directory that leads elsewhere is not followed either, nor signed for', async () => {
    const ca = scriptedCa();
    const directory = { ...DIRECTORY, newOrder: 'https://evil.example.test/new-order' };
    await refusalOf(openSession(ca, { directory }, ['n']).session.newOrder(NAMES, LATEST));
    const elsewhere = { ...DIRECTORY, newNonce: 'https://evil.example.test/new-nonce' };
    await refusalOf(openSession(ca, { directory: elsewhere }).session.order(ORDER_URL));
    expect(ca.requests).toEqual([]);
  });
});

describe('a nonce', () => {
  it('is fetched when none is at hand, and that of each answer is used for the next request', async () => {
    const ca = scriptedCa(
      ['HEAD /new-nonce', { headers: { 'replay-nonce': 'a' } }],
      ['POST /order/1', json(ORDER, 'b')],
      ['POST /order/1', json(ORDER)],
      ['HEAD /new-nonce', { status: 204, headers: { 'replay-nonce': 'c' } }],
      ['POST /order/1', json(ORDER)],
    );
    const { session } = openSession(ca);
    for (let index = 0; index < 3; index += 1) await session.order(ORDER_URL);
    expect(ca.signed().map(({ header }) => header.nonce)).toEqual(['a', 'b', 'c']);
  });

  it('that the step before handed over is used; an empty one is none', async () => {
    const ca = scriptedCa(['POST /order/1', json(ORDER)]);
    await openSession(ca, {}, ['', 'handed', '']).session.order(ORDER_URL);
    expect(ca.signed()[0]?.header).toMatchObject({
      nonce: 'handed',
      url: ORDER_URL,
      kid: `${BASE}/account/1`,
      alg: 'ES256',
    });
  });

  it('is given out once, the freshest first, and no more than 32 are kept [B6]', () => {
    const { takeNonce, connector } = openSession(scriptedCa());
    for (let index = 0; index < 40; index += 1) connector.giveNonce(`${BASE}/directory`, `n${index}`);
    connector.giveNonce(`${BASE}/directory`, 'n39');
    const taken = Array.from({ length: 33 }, takeNonce);
    expect(taken.slice(0, 2)).toEqual(['n39', 'n38']);
    expect(taken.slice(31)).toEqual(['n8', '']);
    expect(new Set(taken).size).toBe(33);
  });

  it('of one directory is not used at another', () => {
    const { connector } = openSession(scriptedCa());
    connector.giveNonce('https://one.test/directory', 'one');
    expect(connector.takeNonce('https://two.test/directory')).toBe('');
    expect(connector.takeNonce('https://one.test/directory')).toBe('one');
  });

  it('that the CA does not hand out is the failure of newNonce', async () => {
    const { answer } = await refusalOf(
      openSession(scriptedCa(['HEAD /new-nonce', { status: 503, headers: { 'retry-after': '3' } }])).session.order(
        ORDER_URL,
      ),
    );
    expect(answer).toMatchObject({ request: 'newNonce', status: 503, retryAt: NOW + 3000 });
  });
});

describe('the directory', () => {
  const unknown = { directory: {} } as const;
  const openWithout = (ca: ReturnType<typeof scriptedCa>): AcmeSession => {
    const { connector } = openSession(ca, unknown, ['n']);
    return connector.open({ ca: settingsOf(), keyPem: KEY_PEM, url: `${BASE}/account/1` }, LATEST);
  };

  it('is read once a session and kept for others', async () => {
    const ca = scriptedCa(
      ['GET /directory', json(DIRECTORY)],
      ['POST /new-order', created('b')],
      ['POST /new-order', created('c')],
    );
    const session = openWithout(ca);
    expect(session.directory()).toBeUndefined();
    await session.newOrder(NAMES, LATEST);
    await session.newOrder(NAMES, LATEST);
    expect(session.directory()).toEqual(DIRECTORY);
    expect(ca.isOver()).toBe(true);
  });

  it.each([
    ['names no newOrder', json({ newNonce: DIRECTORY.newNonce, newAccount: DIRECTORY.newAccount })],
    ['has a newOrder that is no text', json({ ...DIRECTORY, newOrder: 1 })],
    ['is HTML', { body: '<html>maintenance</html>' }],
    ['is a list', json([DIRECTORY])],
    ['is null', json(null)],
  ])('that %s is refused and not kept', async (_what, said) => {
    const session = openWithout(scriptedCa(['GET /directory', said]));
    const { answer } = await refusalOf(session.newOrder(NAMES, LATEST));
    expect(answer).toMatchObject({ request: 'directory', status: 200 });
    expect(session.directory()).toBeUndefined();
  });

  it('that cannot be had is the CA’s side', async () => {
    const error = await refusalOf(openWithout(scriptedCa(['GET /directory', { status: 500 }])).newOrder(NAMES, LATEST));
    expect(error.toFailure().detail).toMatchObject({ class: 'caSide', code: 'http500' });
  });
});

describe('an answer of 200', () => {
  it.each([
    ['that is cut off', { body: JSON.stringify(ORDER).slice(0, 40) }],
    ['that is HTML', { body: '<html></html>' }],
    ['that is empty', { body: '' }],
    ['that is a list', json([])],
    ['that is null', json(null)],
    ['without a status', json({ ...ORDER, status: undefined })],
    ['without a finalize URL', json({ ...ORDER, finalize: undefined })],
  ])('%s is no order', async (_what, said) => {
    const answer = await answerTo(said);
    expect(answer).toMatchObject({ request: 'order', status: 200 });
  });

  it('to newOrder is an order that was there before', async () => {
    const said = json(ORDER, 'n2', { headers: { location: ORDER_URL } });
    const { session } = openSession(scriptedCa(['POST /new-order', said]), {}, ['n']);
    expect(await session.newOrder(NAMES, LATEST)).toMatchObject({ url: ORDER_URL, status: 'pending' });
  });

  it('or 201 to newOrder without a Location is no order that could be followed', async () => {
    const { session } = openSession(scriptedCa(['POST /new-order', json(ORDER, 'x', { status: 201 })]), {}, ['n']);
    const error = await refusalOf(session.newOrder(NAMES, LATEST));
    expect(error.toFailure().detail.class).toBe('reconcile');
  });

  it('to finalize with a broken body is uncertain', async () => {
    const { session } = openSession(scriptedCa(['POST /finalize/1', { body: '{' }]), {}, ['n']);
    const [, csr] = await acme.crypto.createCsr({ altNames: NAMES });
    const order = { url: ORDER_URL, finalizeUrl: ORDER.finalize };
    const error = await refusalOf(session.finalize(order, csr.toString(), LATEST));
    expect(error.toFailure().detail.class).toBe('reconcile');
  });

  it('tells its Retry-After, which the next answer does not inherit', async () => {
    const slow = json({ ...ORDER, status: 'processing' }, 'b', { headers: { 'retry-after': '4' } });
    const { session } = openSession(scriptedCa(['POST /order/1', slow], ['POST /order/1', json(ORDER)]), {}, ['a']);
    expect((await session.order(ORDER_URL)).retryAt).toBe(NOW + 4000);
    expect(await session.order(ORDER_URL)).not.toHaveProperty('retryAt');
  });
});

describe('a request', () => {
  it('names its sender, says what it is, and asks for a profile where one is configured', async () => {
    const ca = scriptedCa(['POST /new-order', created('b')]);
    const rootsPem = 'the roots';
    const settings = settingsOf({ profile: 'shortlived', rootsPem });
    await openSession(ca, { ca: settings }, ['a']).session.newOrder(NAMES, LATEST);
    expect(ca.requests[0]).toMatchObject({
      headers: { 'user-agent': expect.stringMatching(/^perennial\/\d/), 'content-type': 'application/jose+json' },
      rootsPem,
    });
    const [request] = ca.signed();
    expect(request?.payload).toEqual({ identifiers: [{ type: 'dns', value: NAMES[0] }], profile: 'shortlived' });
  });

  it('that reads is a POST-as-GET; one that answers a challenge sends an empty object', async () => {
    const authorization = { status: 'pending', identifier: { type: 'dns', value: NAMES[0] }, challenges: [] };
    const ca = scriptedCa(
      ['POST /order/1', json(ORDER, 'b')],
      ['POST /authz/1', json(authorization, 'c')],
      ['POST /challenge/1', json({}, 'd')],
      ['POST /cert/1', { body: 'PEM' }],
    );
    const { session } = openSession(ca, {}, ['a']);
    await session.order(ORDER_URL);
    await session.authorization(`${BASE}/authz/1`);
    await session.answerChallenge(`${BASE}/challenge/1`);
    expect(await session.certificate(`${BASE}/cert/1`)).toBe('PEM');
    expect(ca.signed().map(({ payload }) => payload)).toEqual(['', '', {}, '']);
    expect(ca.isOver()).toBe(true);
  });

  it('that registers is signed with the key itself and answers the account’s URL', async () => {
    const said = json({ status: 'valid' }, 'b', { status: 201, headers: { location: `${BASE}/account/7` } });
    const ca = scriptedCa(['POST /new-account', said]);
    const { connector } = openSession(ca, {}, ['a']);
    const settings = settingsOf({ contact: ['mailto:ops@example.test'] });
    const session = connector.open({ ca: settings, keyPem: KEY_PEM, directory: DIRECTORY }, LATEST);
    expect(await session.register()).toBe(`${BASE}/account/7`);
    const [request] = ca.signed();
    expect(request?.header).toHaveProperty('jwk');
    expect(request?.header).not.toHaveProperty('kid');
    expect(request?.payload).toEqual({ termsOfServiceAgreed: true, contact: ['mailto:ops@example.test'] });
  });

  it('outside of any session is refused', async () => {
    const client = new acme.Client({ directoryUrl: `${BASE}/directory`, accountKey: KEY_PEM });
    await expect(client.getTermsOfServiceUrl()).rejects.toThrow(/outside of an ACME session/);
  });
});

describe('an error', () => {
  const failures: readonly (readonly [string, Said])[] = [
    ['a problem document', problem(403, 'unauthorized')],
    ['refused nonces', problem(400, 'badNonce', { headers: { 'replay-nonce': 'again' } })],
    ['no answer', new Error('socket hang up')],
    ['HTML', { status: 502, body: '<html></html>' }],
    ['a broken 201', { status: 201, body: '{' }],
    ['a 201 without Location', json(ORDER, 'x', { status: 201 })],
    ['a 204', { status: 204 }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example.test/' } }],
  ];

  it.each(failures)('from %s carries no request body, no signature and no key', async (_what, said) => {
    const ca = scriptedCa(...Array.from({ length: 6 }, (): readonly [string, Said] => ['POST /new-order', said]));
    const error = await refusalOf(openSession(ca, {}, ['n']).session.newOrder(NAMES, LATEST));
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });
    const told = `${shown} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.toFailure())}`;
    const jws: Record<string, string> = JSON.parse(ca.requests[0]?.body ?? '{}');
    const secrets = [...Object.values(jws), ...KEY_PEM.split('\n').filter((line) => line.length > 20)];
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of secrets) expect(told.includes(secret), `the error shows ${secret.slice(0, 20)}`).toBe(false);
    for (const word of ['"protected"', 'signature:', 'PRIVATE KEY']) expect(told).not.toContain(word);
  });
});

describe("instants on the CA's clock", () => {
  const behind = { headers: { date: new Date(NOW - 54 * 86_400_000).toUTCString() } };

  it('are read by the Date of the same answer where the two clocks differ', async () => {
    const order = { ...ORDER, expires: new Date(NOW - 53 * 86_400_000).toISOString() };
    const ca = scriptedCa(['POST /order/1', json(order, 'n', behind)]);
    const { expires } = await openSession(ca, {}, ['n']).session.order(ORDER_URL);
    expect(expires).toBe(NOW + 86_400_000);
    const retry = { 'retry-after': new Date(NOW - 54 * 86_400_000 + 90_000).toUTCString(), ...behind.headers };
    expect(await answerTo({ status: 503, headers: retry, body: 'busy' })).toMatchObject({ retryAt: NOW + 90_000 });
  });

  it.each([
    ['agrees to half a minute', { date: new Date(NOW + 30_000).toUTCString() }],
    ['is not told', {}],
    ['is told in another form than a date', { date: 'yesterday' }],
  ])('stand as they are where the clock %s', async (_what, headers) => {
    const ca = scriptedCa(['POST /order/1', json(ORDER, 'n', { headers })]);
    const { expires } = await openSession(ca, {}, ['n']).session.order(ORDER_URL);
    expect(expires).toBe(Date.parse(ORDER.expires));
  });
});
