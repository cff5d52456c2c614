import { afterEach, describe, expect, it } from 'vitest';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { LETS_ENCRYPT_LIMITS, type RateLimitOptions } from '../../local/ca/rate-limits.ts';
import type { Agent, Answer } from './support/agent.ts';
import { DAY, HOUR, SECOND, startVirtual, type Virtual } from './support/virtual.ts';

let virtual: Virtual;
let agent: Agent;

const { requests, ...COUNTED } = LETS_ENCRYPT_LIMITS;

async function open(limits: RateLimitOptions): Promise<void> {
  virtual = await startVirtual({ limits });
  agent = await virtual.stage.member();
}

afterEach(() => virtual.close());

const limited = (seconds: number) => [429, 'rateLimited', String(seconds)];

function shown(answer: Answer): readonly unknown[] {
  return [answer.status, answer.problem, answer.header('retry-after')];
}

describe("Let's Encrypt's limits, to the second", () => {
  it('lets an address make 10 accounts, then one each 18 minutes', async () => {
    await open(COUNTED);
    for (let count = 1; count < 10; count += 1) await virtual.stage.member();
    expect(shown(await virtual.stage.stranger().register())).toEqual(limited(1080));
    virtual.advance(1079 * SECOND);
    expect((await virtual.stage.stranger().register()).status).toBe(429);
    virtual.advance(SECOND);
    expect((await virtual.stage.stranger().register()).status).toBe(201);
    expect((await virtual.stage.stranger().register()).status).toBe(429);
  });

  it('lets an account make 300 orders, then one each 36 seconds', async () => {
    await open(COUNTED);
    for (let count = 0; count < 300; count += 1) expect((await agent.order([virtual.stage.name()])).status).toBe(201);
    expect(shown(await agent.order([virtual.stage.name()]))).toEqual(limited(36));
    virtual.advance(36 * SECOND);
    expect((await agent.order([virtual.stage.name()])).status).toBe(201);
  });

  it('issues 5 certificates for one set of names, then one each 33.6 hours', async () => {
    await open(COUNTED);
    const name = virtual.stage.name();
    for (let count = 0; count < 5; count += 1) await virtual.stage.issue([name], agent);
    expect(shown(await agent.order([name]))).toEqual(limited(120_960));
    expect(virtual.ca.journal.limited).toMatchObject([{ limit: 'certificatesPerExactSet', scope: `dns:${name}` }]);
    expect((await agent.order([name, `b.${name}`])).status).toBe(201);
    virtual.advance(120_960 * SECOND);
    expect((await agent.order([name])).status).toBe(201);
  });

  it('issues 50 certificates for a registered domain, but renewals of the exact set beyond that', async () => {
    await open(COUNTED);
    const first = virtual.stage.name();
    await virtual.stage.issue([first], agent);
    for (let count = 1; count < 50; count += 1) await virtual.stage.issue([virtual.stage.name()], agent);
    expect(shown(await agent.order([virtual.stage.name()]))).toEqual(limited(12_096));
    expect((await agent.order(['a.other.test'])).status).toBe(201);
    expect((await agent.order([first])).status).toBe(201);
  });

  it('counts 5 failed validations of a name, then one each 12 minutes, at newOrder', async () => {
    await open(COUNTED);
    const name = virtual.stage.name();
    for (let count = 0; count < 5; count += 1) await fail(name);
    expect(shown(await agent.order([name]))).toEqual(limited(720));
    expect((await (await virtual.stage.member()).order([name])).status).toBe(201);
    virtual.advance(720 * SECOND);
    expect((await agent.order([name])).status).toBe(201);
  });

  it('names the limit that is free again last', async () => {
    await open({ ...COUNTED, newOrdersPerAccount: { count: 5, windowMs: 5 * 36 * SECOND } });
    const name = virtual.stage.name();
    for (let count = 0; count < 5; count += 1) await virtual.stage.issue([name], agent);
    expect(shown(await agent.order([name]))).toEqual(limited(120_960));
  });

  it('counts an order that is given again as a new one', async () => {
    virtual = await startVirtual({
      habits: BOULDER_HABITS,
      limits: { newOrdersPerAccount: { count: 2, windowMs: 20 * SECOND } },
    });
    agent = await virtual.stage.member();
    const name = virtual.stage.name();
    for (let count = 0; count < 2; count += 1) await agent.order([name]);
    expect(shown(await agent.order([name]))).toEqual(limited(10));
    expect(virtual.ca.control.orders().length).toBe(1);
  });

  it('takes nothing when it refuses', async () => {
    await open({
      newOrdersPerAccount: { count: 2, windowMs: 20 * SECOND },
      failedAuthorizations: { count: 1, windowMs: HOUR },
    });
    const name = virtual.stage.name();
    await fail(name);
    for (let count = 0; count < 5; count += 1) expect((await agent.order([name])).status).toBe(429);
    expect((await agent.order([virtual.stage.name()])).status).toBe(201);
  });
});

/** One failed validation. */
async function fail(name: string): Promise<void> {
  const order = await agent.order([name]);
  const { url, body } = await virtual.stage.authorization(agent, order);
  const ended = await virtual.stage.answer(agent, url, virtual.stage.challenge(body, 'dns-01'));
  expect(ended.status).toBe('invalid');
}

describe('the exemption of ARI', () => {
  async function exhausted(): Promise<{ readonly name: string; readonly certId: string }> {
    await open(COUNTED);
    const name = virtual.stage.name();
    for (let count = 0; count < 5; count += 1) await virtual.stage.issue([name], agent);
    return { name, certId: virtual.ca.control.certificates().at(-1)?.certId ?? '' };
  }

  it('is for a renewal inside its window', async () => {
    const { name, certId } = await exhausted();
    virtual.ca.control.setRenewalInfo(certId, { window: { start: virtual.now() - HOUR, end: virtual.now() + HOUR } });
    expect((await agent.order([name], { replaces: certId })).status).toBe(201);
  });

  it.each([
    ['before', HOUR],
    ['after', -3 * HOUR],
  ])('is not for one %s it', async (_when, offset) => {
    const { name, certId } = await exhausted();
    const start = virtual.now() + offset;
    virtual.ca.control.setRenewalInfo(certId, { window: { start, end: start + HOUR } });
    expect((await agent.order([name], { replaces: certId })).status).toBe(429);
  });
});

describe('the pause', () => {
  it('refuses without Retry-After and with a URL, until a person lifts it', async () => {
    await open({});
    const name = virtual.stage.name();
    virtual.ca.control.pause(String(agent.kid), name);
    const refused = await agent.order([`*.${name}`]);
    expect(shown(refused)).toEqual([429, 'rateLimited', undefined]);
    expect(refused.body.detail).toMatch(/https:\/\/\S+\/unpause\?/);
    expect((await agent.order([virtual.stage.name()])).status).toBe(201);
    virtual.ca.control.unpause(String(agent.kid), name);
    expect((await agent.order([name])).status).toBe(201);
  });

  it('comes with the last of the failures in a row, and a success begins the row anew', async () => {
    await open({ consecutiveFailures: { count: 3, windowMs: 3 * DAY } });
    const name = virtual.stage.name();
    await fail(name);
    await fail(name);
    await virtual.stage.issue([name], agent);
    virtual.stage.zone.remove(`_acme-challenge.${name}`);
    await fail(name);
    await fail(name);
    expect((await agent.order([name])).status).toBe(201);
    await fail(name);
    expect(shown(await agent.order([name]))).toEqual([429, 'rateLimited', undefined]);
    virtual.advance(10 * DAY);
    expect((await agent.order([name])).status).toBe(429);
  });
});

describe('requests a second', () => {
  it('get 503 with Retry-After beyond the burst', async () => {
    await open({ ...(requests ? { requests } : {}) });
    const answers: Answer[] = [];
    for (let count = 0; count < 41; count += 1)
      answers.push(await virtual.stage.stranger().ask(virtual.ca.directoryUrl));
    expect(answers.slice(0, 39).every((each) => each.status === 200)).toBe(true);
    expect(shown(answers.at(-1) as Answer)).toEqual([503, 'rateLimited', '1']);
    virtual.advance(SECOND);
    expect((await virtual.stage.stranger().ask(virtual.ca.directoryUrl)).status).toBe(200);
  });

  it('let a whole renewal by Boulder habits pass', async () => {
    virtual = await startVirtual({ limits: LETS_ENCRYPT_LIMITS, habits: BOULDER_HABITS });
    agent = await virtual.stage.member();
    const name = virtual.stage.name();
    await virtual.stage.issue([name], agent);
    virtual.advance(60 * DAY);
    await virtual.stage.issue([name], agent);
    expect(virtual.ca.journal.limited).toEqual([]);
  });
});
