import { describe, expect, it } from 'vitest';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, failuresTold } from './oracles.ts';
import { FOREVER, problemFault, useStage } from './stage.ts';

const stage = useStage({ habits: BOULDER_HABITS });

/** Takes every nonce at hand away, so that the next request fetches one. */
function forgetNonces(): void {
  while (stage.account.ports.order.acme.takeNonce(stage.account.ca.directoryUrl) !== '');
}

const journal = () => stage.account.ca.journal.requests;

describe('a nonce', () => {
  it('that is refused once is replaced at once, and nothing has failed [B1]', async () => {
    for (const endpoint of ['newOrder', 'challenge', 'order', 'finalize', 'certificate'] as const)
      stage.account.ca.faults.add({ endpoint, fault: { kind: 'refuseNonce' } });
    const domain = await stage.declare('once');
    const begun = stage.now();
    await stage.account.sweep();
    expect(journal().filter(({ fault }) => fault === 'refuseNonce')).toHaveLength(5);
    expect(stage.now() - begun).toBeLessThan(MINUTE);
    await expectOracles(stage.account, { domain, certificate: 'once', issued: 1 });
  });

  it('that is refused nearly always fails after six tries, then the step, then the CA’s side [B2]', async () => {
    const back = stage.now() + HOUR;
    stage.account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'refuseNonce' },
      times: FOREVER,
      when: () => stage.now() < back,
    });
    const domain = await stage.declare('always');
    const from = journal().length;
    await stage.account.sweep();
    const sent = journal()
      .slice(from)
      .filter(({ endpoint }) => endpoint === 'newOrder');
    // Once and its three repeats by the machine, six signatures each.
    expect(sent).toHaveLength(24);
    const { failure, caFailures } = await stage.account.role('always');
    expect(failure).toMatchObject({ class: 'transient', code: 'badNonce' });
    expect(caFailures?.local?.count).toBe(1);
    expect(await stage.liveUntil(stage.issued(domain), 24 * HOUR)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: 'always', issued: 1, told: 1 });
  });

  it('that a success does not bring is fetched before the next request [B3]', async () => {
    stage.account.ca.faults.add({
      endpoint: 'any',
      times: FOREVER,
      when: ({ method }) => method === 'POST',
      fault: {
        kind: 'rewrite',
        change: (answer) => {
          const { 'Replay-Nonce': _, ...headers } = answer.headers;
          return { ...answer, headers };
        },
      },
    });
    forgetNonces();
    const domain = await stage.declare('without');
    const from = journal().length;
    await stage.account.sweep();
    const made = journal().slice(from);
    const signed = made.filter(({ method }) => method === 'POST').length;
    expect(made.filter(({ endpoint }) => endpoint === 'newNonce')).toHaveLength(signed);
    await expectOracles(stage.account, { domain, certificate: 'without', issued: 1 });
  });

  it('that grew old while a run waited is refused, replaced, and costs nothing else [B4]', async () => {
    const slow = stage.account.ca.faults.add({
      endpoint: 'order',
      fault: { kind: 'answer', status: 503, headers: { 'retry-after': '1500' }, body: '' },
    });
    const domain = await stage.declare('old');
    const from = journal().length;
    await stage.account.sweep();
    expect(slow.played()).toBe(1);
    expect(await stage.liveUntil(stage.issued(domain), 2 * HOUR)).toBe(true);
    const refused = journal()
      .slice(from)
      .filter(({ problemType }) => problemType?.endsWith('badNonce'));
    expect(refused.length).toBeLessThanOrEqual(1);
    await expectOracles(stage.account, {
      domain,
      certificate: 'old',
      issued: 1,
      told: failuresTold(stage.account, 'old').length,
    });
  });

  it('that an invocation has used before it was repeated is refused to the repeat, which signs again [B5]', async () => {
    let isKilled = false;
    stage.account.calls.plan = async (call, act) => {
      await act();
      if (isKilled || call.handler !== 'poll-order' || call.service !== 'acme') return;
      isKilled = true;
      await stage.account.calls.kill();
    };
    const domain = await stage.declare('repeated');
    await stage.account.sweep();
    expect(isKilled).toBe(true);
    expect(await stage.liveUntil(stage.issued(domain), 4 * HOUR)).toBe(true);
    await expectOracles(stage.account, {
      domain,
      certificate: 'repeated',
      issued: 1,
      told: failuresTold(stage.account, 'repeated').length,
    });
  });

  it('is fetched again once newNonce answers no more 503; 204 is as good as 200 [B7]', async () => {
    forgetNonces();
    stage.account.ca.faults.add({
      endpoint: 'newNonce',
      fault: { kind: 'answer', status: 503, headers: { 'retry-after': '2' }, body: 'busy' },
    });
    stage.account.ca.faults.add({
      endpoint: 'newNonce',
      call: 2,
      times: FOREVER,
      fault: { kind: 'rewrite', change: (answer) => ({ ...answer, status: 204 }) },
    });
    const domain = await stage.declare('fetched');
    await stage.account.sweep();
    expect(await stage.liveUntil(stage.issued(domain), 4 * HOUR)).toBe(true);
    await expectOracles(stage.account, {
      domain,
      certificate: 'fetched',
      issued: 1,
      told: failuresTold(stage.account, 'fetched').length,
    });
  });

  it('that is refused for a finalize which the CA has carried out leads to its certificate [B8]', async () => {
    const { body, status, headers } = problemFault(400, 'badNonce', 'JWS has an invalid anti-replay nonce');
    stage.account.ca.faults.add({ endpoint: 'finalize', fault: { kind: 'overwrite', status, headers, body } });
    const domain = await stage.declare('carried');
    await stage.account.sweep();
    const finalizes = stage.requestsAt('finalize');
    expect(finalizes).toHaveLength(2);
    await expectOracles(stage.account, { domain, certificate: 'carried', issued: 1 });
  });
});
