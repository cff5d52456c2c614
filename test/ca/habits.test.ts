import { afterEach, describe, expect, it } from 'vitest';
import { BOULDER_HABITS, type Habits } from '../../local/ca/habits.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import type { Agent } from './support/agent.ts';
import { makeCsr } from './support/csr.ts';
import { DAY, HOUR, SECOND, startVirtual, type Virtual } from './support/virtual.ts';

let virtual: Virtual;
let agent: Agent;
let name: string;

async function open(habits: Partial<Habits>, options: CaOptions = {}): Promise<void> {
  virtual = await startVirtual({ ...options, habits });
  agent = await virtual.stage.member();
  name = virtual.stage.name();
}

afterEach(() => virtual.close());

describe('order reuse', () => {
  it('is off by the RFC: each newOrder makes an order', async () => {
    await open({});
    const [one, other] = [await agent.order([name]), await agent.order([name])];
    expect(other.header('location')).not.toBe(one.header('location'));
  });

  it.each(['pending', 'ready'])('gives a %s order again, with 201', async (status) => {
    await open(BOULDER_HABITS);
    const url =
      status === 'ready'
        ? (await virtual.stage.ready(agent, [name])).url
        : (await agent.order([name])).header('location');
    const again = await agent.order([name.toUpperCase()]);
    expect([again.status, again.header('location'), again.body.status]).toEqual([201, url, status]);
  });

  it('gives the order again even when the new one says what it replaces', async () => {
    await open(BOULDER_HABITS);
    const { agent: by } = await virtual.stage.issue([name], agent);
    const { certId } = virtual.ca.control.certificates()[0] ?? { certId: '' };
    const plain = await by.order([name]);
    const again = await by.order([name], { replaces: certId });
    expect([again.header('location'), again.body.replaces]).toEqual([plain.header('location'), undefined]);
  });

  it.each([
    ['other names', (at: string) => [at, `b.${at}`], {}],
    ['another profile', (at: string) => [at], { profile: 'tlsserver' }],
  ] as const)('is not for %s', async (_what, names, more) => {
    await open(BOULDER_HABITS);
    const one = await agent.order([name]);
    expect((await agent.order(names(name), more)).header('location')).not.toBe(one.header('location'));
  });

  it('is not for another account, a valid order or an expired one', async () => {
    await open(BOULDER_HABITS);
    const one = await agent.order([name]);
    const foreign = await (await virtual.stage.member()).order([name]);
    virtual.advance(7 * DAY);
    const late = await agent.order([name]);
    const { orderUrl } = await virtual.stage.issue([`c.${name}`], agent);
    const renewed = await agent.order([`c.${name}`]);
    const urls = [one, foreign, late, renewed].map((each) => each.header('location'));
    expect(new Set([...urls, orderUrl]).size).toBe(5);
  });
});

describe('authorization reuse', () => {
  it('is off by the RFC: a proven name is proven again', async () => {
    await open({});
    await virtual.stage.issue([name], agent);
    expect((await agent.order([name])).body.status).toBe('pending');
  });

  it('makes an order ready at once while the validation holds, and no longer', async () => {
    await open(BOULDER_HABITS);
    await virtual.stage.issue([name], agent);
    expect((await agent.order([name, `d.${name}`])).body.status).toBe('pending');
    virtual.advance(30 * DAY - SECOND);
    expect((await agent.order([name])).body.status).toBe('ready');
    virtual.advance(SECOND);
    expect((await agent.order([name])).body.status).toBe('pending');
  });

  it('takes over pending authorizations with their token', async () => {
    await open(BOULDER_HABITS);
    const one = await agent.order([name]);
    const other = await agent.order([name, `e.${name}`]);
    expect(other.body.authorizations).toEqual(expect.arrayContaining(one.body.authorizations as unknown[]));
  });

  it('does not take a wildcard for its base', async () => {
    await open(BOULDER_HABITS);
    await virtual.stage.issue([`*.${name}`], agent);
    expect((await agent.order([name])).body.status).toBe('pending');
  });

  it('is never for dns-persist-01', async () => {
    await open(BOULDER_HABITS, { challenges: ['dns-persist-01'] });
    virtual.stage.zone.txt(`_validation-persist.${name}`, `ca.localhost; accounturi=${agent.kid}`);
    const order = await agent.order([name]);
    const { url, body } = await virtual.stage.authorization(agent, order);
    await virtual.stage.answer(agent, url, virtual.stage.challenge(body, 'dns-persist-01'));
    expect((await agent.post(order.header('location') ?? '')).body.status).toBe('ready');
    expect((await agent.order([name, `f.${name}`])).body.authorizations).not.toContain(url);
  });
});

describe('status at read', () => {
  it('keeps a valid order valid by the RFC, whatever passes', async () => {
    await open({});
    const { orderUrl } = await virtual.stage.issue([name], agent);
    virtual.advance(60 * DAY);
    expect((await agent.post(orderUrl)).body.status).toBe('valid');
  });

  it('turns a valid order invalid with its end, by habit', async () => {
    await open({ statusAtRead: true });
    const { orderUrl } = await virtual.stage.issue([name], agent);
    virtual.advance(7 * DAY - SECOND);
    expect((await agent.post(orderUrl)).body.status).toBe('valid');
    virtual.advance(SECOND);
    expect((await agent.post(orderUrl)).body.status).toBe('invalid');
  });

  it('turns a valid order invalid with its authorization, by habit', async () => {
    await open({ statusAtRead: true });
    const { orderUrl, order } = await virtual.stage.issue([name], agent);
    const [url] = order.authorizations as string[];
    await agent.post(url ?? '', { status: 'deactivated' });
    expect((await agent.post(orderUrl)).body.status).toBe('invalid');
  });

  it('answers 404 to reading and finalizing an expired order, by habit', async () => {
    await open(BOULDER_HABITS);
    const order = await agent.order([name]);
    virtual.advance(7 * DAY);
    const read = await agent.post(order.header('location') ?? '');
    const finalized = await agent.post(String(order.body.finalize), { csr: '' });
    expect([read.status, read.problem, finalized.status]).toEqual([404, 'malformed', 404]);
  });

  it('lets an order expire even while it is pending', async () => {
    await open({});
    const order = await agent.order([name]);
    virtual.advance(7 * DAY);
    expect((await agent.post(order.header('location') ?? '')).body.status).toBe('invalid');
  });
});

describe('finalize', () => {
  async function race(habits: Partial<Habits>): Promise<readonly unknown[]> {
    await open(habits);
    const order = await virtual.stage.ready(agent, [name]);
    const csr = (await makeCsr({ names: [name] })).text;
    const finalize = String(order.body.finalize);
    const answers = await Promise.all([agent.post(finalize, { csr }), agent.post(finalize, { csr })]);
    const { status } = (await agent.post(order.url)).body;
    return [
      answers.map((each) => each.problem ?? 'none').toSorted(),
      status,
      virtual.ca.journal.issuedFor(order.url).length,
    ];
  }

  it('takes one of two at once and refuses the other, by the RFC', async () => {
    expect(await race({})).toEqual([['none', 'orderNotReady'], 'valid', 1]);
  });

  it('lets the later of two at once destroy the order though its certificate is issued, by habit', async () => {
    expect(await race(BOULDER_HABITS)).toEqual([['none', 'serverInternal'], 'invalid', 1]);
  });

  it('only refuses a second one that comes when the first is done', async () => {
    await open(BOULDER_HABITS);
    const { order, orderUrl, csr } = await virtual.stage.issue([name], agent);
    const again = await agent.post(String(order.finalize), { csr: csr.text });
    expect([again.problem, (await agent.post(orderUrl)).body.status]).toEqual(['orderNotReady', 'valid']);
  });

  it('is processing until the clock has moved, when asynchronous', async () => {
    await open({}, { finalize: { processingMs: 5000 } });
    const order = await virtual.stage.ready(agent, [name]);
    const answer = await agent.post(String(order.body.finalize), { csr: (await makeCsr({ names: [name] })).text });
    expect([answer.status, answer.body.status, answer.header('retry-after')]).toEqual([200, 'processing', '3']);
    virtual.advance(4999);
    expect((await agent.post(order.url)).body).toMatchObject({ status: 'processing' });
    virtual.advance(1);
    const done = await agent.post(order.url);
    expect([done.body.status, done.header('retry-after')]).toEqual(['valid', undefined]);
    expect((await agent.post(String(done.body.certificate))).status).toBe(200);
  });

  it('tells Retry-After as a date when asked to', async () => {
    await open({}, { finalize: { processingMs: 5000 }, retryAfter: { order: 30, form: 'date' } });
    const order = await virtual.stage.ready(agent, [name]);
    const answer = await agent.post(String(order.body.finalize), { csr: (await makeCsr({ names: [name] })).text });
    expect(Date.parse(answer.header('retry-after') ?? '')).toBe(virtual.now() + 30 * SECOND);
  });

  it('looks CAA up again when the last look is more than seven hours old', async () => {
    await open({});
    const order = await virtual.stage.ready(agent, [name]);
    virtual.stage.zone.add({ name, type: 'CAA', ttl: 1, data: { flags: 0, tag: 'issue', value: 'ca.invalid' } });
    virtual.advance(7 * HOUR + SECOND);
    const answer = await agent.post(String(order.body.finalize), { csr: (await makeCsr({ names: [name] })).text });
    expect([answer.status, answer.problem]).toEqual([403, 'caa']);
    expect((await agent.post(order.url)).body.status).toBe('ready');
  });
});

describe('validation', () => {
  it('takes as long as it is told to, by the injected clock', async () => {
    await open({}, { validationMs: 2000, retryAfter: { authorization: 4 } });
    const order = await agent.order([name]);
    const { url, body } = await virtual.stage.authorization(agent, order);
    const challenge = virtual.stage.challenge(body, 'dns-01');
    virtual.stage.zone.txt(`_acme-challenge.${name}`, agent.dnsValue(String(challenge.token)));
    const answered = await agent.post(String(challenge.url), {});
    expect([answered.body.status, answered.header('retry-after')]).toEqual(['processing', '4']);
    expect((await agent.post(url)).body.status).toBe('pending');
    virtual.advance(2000);
    expect((await agent.post(url)).body.status).toBe('valid');
  });
});

describe('other habits', () => {
  it('hide foreign orders, the orders list and the validity dates, and call a deactivated account forbidden', async () => {
    await open(BOULDER_HABITS);
    const order = await agent.order([name]);
    const stranger = await virtual.stage.member();
    expect((await stranger.post(order.header('location') ?? '')).status).toBe(404);
    expect((await agent.post(String(agent.kid))).body.orders).toBeUndefined();
    expect((await agent.order([name], { notAfter: '2027-01-01T00:00:00Z' })).problem).toBe('malformed');
    await agent.post(String(agent.kid), { status: 'deactivated' });
    expect((await agent.order([name])).status).toBe(403);
  });

  it('take only the reasons for a revocation that Boulder takes', async () => {
    await open(BOULDER_HABITS);
    const { chain } = await virtual.stage.issue([name], agent);
    const certificate = Buffer.from(chain.split('-----')[2] ?? '', 'base64').toString('base64url');
    expect((await agent.post(await agent.url('revokeCert'), { certificate, reason: 3 })).problem).toBe(
      'badRevocationReason',
    );
    expect((await agent.post(await agent.url('revokeCert'), { certificate, reason: 4 })).status).toBe(200);
  });

  it('honour dates that fit the profile, by the RFC', async () => {
    await open({});
    const dates = { notBefore: '2026-12-02T00:00:00Z', notAfter: '2026-12-30T00:00:00Z' };
    await virtual.stage.issue([name], agent, dates);
    const [made] = virtual.ca.control.certificates();
    expect([made?.notBefore, made?.notAfter]).toEqual([Date.parse(dates.notBefore), Date.parse(dates.notAfter)]);
  });
});
