import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCa } from '../../local/ca/ca.ts';
import type { Fault } from '../../local/ca/faults.ts';
import { CaDisconnect } from '../../local/ca/outcome.ts';
import { type Agent, strings } from './support/agent.ts';
import { makeCsr } from './support/csr.ts';
import { openStage, type Stage } from './support/stage.ts';
import { startVirtual, type Virtual } from './support/virtual.ts';

describe('faults in process', () => {
  let virtual: Virtual;
  let agent: Agent;
  beforeEach(async () => {
    virtual = await startVirtual();
    agent = await virtual.stage.member();
  });
  afterEach(() => virtual.close());

  const play = (fault: Fault) => virtual.ca.faults.add({ endpoint: 'newOrder', fault });
  const order = () => agent.order([virtual.stage.name()]);

  it.each([
    ['refuse', 'ECONNREFUSED', 0],
    ['lose', 'ECONNRESET', 1],
    ['reset', 'ECONNRESET', 1],
  ] as const)('%s ends in %s with %i orders made', async (kind, code, made) => {
    play({ kind });
    const error = await order().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CaDisconnect);
    expect((error as CaDisconnect).code).toBe(code);
    expect(virtual.ca.control.orders().length).toBe(made);
  });

  it('silence acts and never answers', async () => {
    play({ kind: 'silence' });
    const outcome = await Promise.race([order(), new Promise((resolve) => setImmediate(resolve, 'nothing'))]);
    expect(outcome).toBe('nothing');
    await expect.poll(() => virtual.ca.control.orders().length).toBe(1);
  });

  it('delay waits by the injected sleep, then acts', async () => {
    const before = virtual.now();
    play({ kind: 'delay', ms: 90_000 });
    expect((await order()).status).toBe(201);
    expect(virtual.now() - before).toBe(90_000);
  });

  it('answer answers without acting', async () => {
    play({ kind: 'answer', status: 503, headers: { 'Retry-After': '120' }, body: '<html>busy</html>' });
    const answer = await order();
    expect([answer.status, answer.header('retry-after'), answer.text]).toEqual([503, '120', '<html>busy</html>']);
    expect(virtual.ca.control.orders()).toEqual([]);
  });

  it('overwrite acts and answers otherwise', async () => {
    play({ kind: 'overwrite', status: 502 });
    const answer = await order();
    expect([answer.status, answer.text, virtual.ca.control.orders().length]).toEqual([502, '', 1]);
  });

  it('refuseNonce refuses a good nonce and makes nothing', async () => {
    play({ kind: 'refuseNonce' });
    expect((await order()).problem).toBe('badNonce');
    expect(virtual.ca.control.orders()).toEqual([]);
    expect((await order()).status).toBe(201);
  });

  it('wrongNonce brings a nonce that is refused', async () => {
    play({ kind: 'wrongNonce' });
    const nonce = (await order()).header('replay-nonce');
    expect((await agent.post(String(agent.kid), undefined, { header: { nonce } })).problem).toBe('badNonce');
  });

  it('corrupt makes the body unreadable', async () => {
    play({ kind: 'corrupt' });
    const answer = await order();
    expect(answer.status).toBe(201);
    expect(() => JSON.parse(answer.text)).toThrow(SyntaxError);
  });

  it('extraFields adds what no standard has and keeps the rest', async () => {
    play({ kind: 'extraFields' });
    const { body } = await order();
    expect(body['x-unheard-of']).toBeDefined();
    expect(body.status).toBe('pending');
  });

  it('rewrite makes of the answer what the script says', async () => {
    play({
      kind: 'rewrite',
      change: (answer) => ({ ...answer, body: answer.body.replace('"pending"', '"unheard-of"') }),
    });
    expect((await order()).body.status).toBe('unheard-of');
  });

  it('failOrder takes the order on and ends it in the error', async () => {
    const name = virtual.stage.name();
    const ready = await virtual.stage.ready(agent, [name]);
    const problem = { type: 'urn:ietf:params:acme:error:serverInternal', detail: 'No SCTs', status: 500 };
    virtual.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'failOrder', problem } });
    const answer = await agent.post(String(ready.body.finalize), { csr: (await makeCsr({ names: [name] })).text });
    expect([answer.status, answer.body.status, answer.body.error]).toEqual([200, 'invalid', problem]);
    expect(virtual.ca.journal.issued).toEqual([]);
  });

  it('a rule is played from its call on, as many times as it says, at its endpoint and under its condition', async () => {
    const placed = virtual.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'overwrite', status: 500 },
      call: 2,
      times: 2,
      when: (request) => request.method === 'POST',
    });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await order()).status);
    expect(statuses).toEqual([201, 500, 500, 201, 201]);
    expect(placed.played()).toBe(2);
  });

  it('of two rules for one request the first is played, and the other is over with its call', async () => {
    play({ kind: 'overwrite', status: 500 });
    play({ kind: 'overwrite', status: 502 });
    expect([(await order()).status, (await order()).status]).toEqual([500, 201]);
  });

  it('a chance is drawn from the injected generator, so that a seed repeats itself', async () => {
    async function run(): Promise<readonly number[]> {
      const one = await startVirtual();
      const by = await one.stage.member();
      one.ca.faults.add({
        endpoint: 'newOrder',
        fault: { kind: 'answer', status: 500 },
        chance: 0.4,
        times: Number.POSITIVE_INFINITY,
      });
      const statuses: number[] = [];
      for (let count = 0; count < 20; count += 1) statuses.push((await by.order(['a.example.test'])).status);
      await one.close();
      return statuses;
    }
    const statuses = await run();
    expect(await run()).toEqual(statuses);
    expect(new Set(statuses)).toEqual(new Set([201, 500]));
  });

  it('rules can be taken back, one and all', async () => {
    play({ kind: 'overwrite', status: 500 }).remove();
    expect((await order()).status).toBe(201);
    play({ kind: 'overwrite', status: 500 });
    virtual.ca.faults.clear();
    expect((await order()).status).toBe(201);
  });

  it('the journal tells what was asked, by whom, what came of it and which fault struck', async () => {
    play({ kind: 'lose' });
    await order().catch(() => undefined);
    expect(virtual.ca.journal.requests.at(-1)).toMatchObject({
      endpoint: 'newOrder',
      method: 'POST',
      account: agent.kid,
      order: virtual.ca.control.orders()[0]?.url,
      status: 201,
      fault: 'lose',
      at: virtual.now(),
    });
    expect(virtual.ca.journal.count('newOrder')).toBe(1);
  });

  it('the journal counts finalizes and issuances of an order, refused ones included', async () => {
    const { orderUrl, order: done, csr } = await virtual.stage.issue([virtual.stage.name()], agent);
    await agent.post(String(done.finalize), { csr: csr.text });
    expect(virtual.ca.journal.finalizes(orderUrl)).toBe(2);
    expect(virtual.ca.journal.issuedFor(orderUrl).length).toBe(1);
    virtual.ca.journal.clear();
    expect(virtual.ca.journal.count()).toBe(0);
  });
});

describe('faults through a socket', () => {
  let stage: Stage;
  let ca: Awaited<ReturnType<typeof startCa>>;
  beforeEach(async () => {
    stage = await openStage(async (zone) => {
      ca = await startCa({ resolver: zone.address });
      return ca;
    }, 's');
  });
  afterEach(async () => {
    await ca.stop();
    await stage.close();
  });

  it.each(['refuse', 'lose', 'reset'] as const)('%s breaks the connection', async (kind) => {
    const agent = stage.stranger();
    const url = await agent.url('newNonce');
    ca.faults.add({ endpoint: 'newNonce', fault: { kind } });
    await expect(agent.ask(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await agent.ask(url)).status).toBe(204);
  });

  it('reset sends the headers and half of the body first', async () => {
    const agent = stage.stranger();
    ca.faults.add({ endpoint: 'directory', fault: { kind: 'reset' } });
    await expect(agent.ask(ca.directoryUrl)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(strings(Object.keys(await agent.directory()))).toContain('newOrder');
  });

  it('silence keeps the connection open until the CA stops', async () => {
    const agent = stage.stranger();
    ca.faults.add({ endpoint: 'directory', fault: { kind: 'silence' } });
    const asked = agent.ask(ca.directoryUrl).catch((error: unknown) => error);
    await expect.poll(() => ca.journal.count('directory')).toBe(1);
    await ca.stop();
    expect(await asked).toMatchObject({ code: 'ECONNRESET' });
    ca = await startCa();
  });
});
