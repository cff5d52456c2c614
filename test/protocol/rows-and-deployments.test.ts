import { afterEach, describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { declarationHash } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import type { RowKey } from '../../lambdas/core/rows.ts';
import { certificateKey, dueShardOf, roleKey, targetKey, versionKey } from '../../lambdas/core/rows.ts';
import { findDue } from '../../lambdas/steps/find-due.ts';
import { present } from '../../lambdas/store/condition.ts';
import type { Changes } from '../../lambdas/store/table.ts';
import { getItem, putIfAbsent, updateItem } from '../../lambdas/store/table.ts';
import { problemAnswer } from '../faults/support.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['example.test'];
const now = () => account.virtual.clock.now();
const table = () => account.ports.base.table;
const change = (key: RowKey, changes: Changes) => updateItem(table(), key, changes, present('pk'));
const quiet = () => account.interpreter.executions.every(({ status }) => status !== 'RUNNING');
const failing = () => account.sns.messages().filter(({ subject }) => subject?.includes('fails'));
const site = (changes: Partial<CertificateDeclaration> = {}) => account.declaration('site', DOMAINS, changes);

async function untilRenewal(): Promise<void> {
  const { renewAt = 0 } = await account.role('site');
  await account.virtual.advance(renewAt - now() + MINUTE);
}

describe('a row of a later version of the program', () => {
  it('that is an old certificate version does not keep its certificate from being renewed', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    await putIfAbsent(table(), { ...versionKey('site', 'later'), schema: 2 });
    await untilRenewal();
    await account.live(HOUR);
    expect(account.ca.journal.issued).toHaveLength(2);
  });

  it('that is one target does not keep the new certificate from the others', async () => {
    account = await startVirtualAccount();
    const [acm] = site().targets;
    if (acm === undefined) throw new Error('no target');
    await account.deploy([site({ targets: [{ ...acm, id: 'a-broken' }, acm] })]);
    await account.sweep();
    await untilRenewal();
    await change(targetKey('site', 'a-broken'), { schema: 2 });
    await account.live(HOUR);
    const { version } = await account.role('site');
    expect(account.ca.journal.issued).toHaveLength(2);
    expect(await getItem(table(), targetKey('site', 'acm'))).toMatchObject({ proven: version });
  });

  it('that is a declaration is told as the reason why its certificate is not renewed', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    await untilRenewal();
    await change(certificateKey('site'), { schema: 2 });
    await account.live(3 * HOUR);
    expect(failing()).not.toEqual([]);
  });
});

describe('a deployment', () => {
  it('that changes names and one that changes them back have the first certificate served again, without an order', async () => {
    account = await startVirtualAccount();
    const old = site();
    const renamed = account.declaration('site', ['www.example.test']);
    await account.deploy([old]);
    await account.sweep();
    const first = (await account.role('site')).version;
    await account.live(DAY, 6 * HOUR);
    await account.deploy([renamed]);
    await account.sweep();
    await account.deploy([old]);
    await account.live(HOUR);
    const { version } = await account.role('site');
    const [target] = await account.targets('site');
    expect([version, target?.proven]).toEqual([first, first]);
    expect(account.ca.journal.issued).toHaveLength(2);
    expect(failing()).toEqual([]);
  });

  it('that ends between the declaration and its role is made up for by the next run', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    const declaration = site({ keyType: 'ecdsa-p384' });
    await change(certificateKey('site'), { declaration, hash: declarationHash(declaration) });
    await untilRenewal();
    const before = (await account.role('site')).version;
    await account.live(DAY, HOUR);
    expect((await account.role('site')).version).not.toBe(before);
  });

  it('that takes a certificate away while its order is in flight lets nothing be issued or pushed any more [L20]', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(2_000);
    await account.deploy([]);
    await account.virtual.runUntil(quiet, 3 * HOUR);
    await account.live(HOUR);
    expect(account.ca.journal.issued).toEqual([]);
    expect(account.acm.certificates()).toEqual([]);
  });

  it('that takes a target away keeps later certificates from it', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    await account.sweep();
    const [held] = account.acm.certificates();
    await account.deploy([site({ targets: [] })]);
    await untilRenewal();
    await account.live(HOUR);
    expect(account.ca.journal.issued).toHaveLength(2);
    expect(account.acm.certificates()[0]?.leafPem).toBe(held?.leafPem);
  });

  it('that takes a target away while its push is in flight ends its pushes for good', async () => {
    account = await startVirtualAccount({ edgeLags: true });
    await account.deploy([site()]);
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(20_000);
    expect(
      account.interpreter.executions.some(({ machine, status }) => machine === 'push' && status === 'RUNNING'),
    ).toBe(true);
    await account.deploy([site({ targets: [] })]);
    account.edge.catchUp();
    await account.virtual.runUntil(quiet, 3 * HOUR);
    await account.sweep();
    // It is only watched from then on.
    const [target] = await account.targets('site');
    expect(target).toMatchObject({ retired: true });
    expect(target).not.toHaveProperty('proven');
    expect(target?.dueAt).toBeGreaterThan(now() + 6 * DAY);
  });

  it('that changes how to try again moves the next try of a renewal that fails, and starts no run of its own', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    account.ca.faults.add({ endpoint: 'newAccount', times: 100, fault: problemAnswer(500, 'serverInternal', 'down') });
    await account.live(6 * HOUR);
    const failing = await account.role('site');
    expect((failing.dueAt ?? 0) - now()).toBeGreaterThan(12 * HOUR);
    const starts = account.interpreter.executions.length;
    await account.deploy([site({ retry: { ...DEFAULT_RETRY, baseSeconds: 3600, factor: 1, jitter: 0 } })]);
    const { dueAt, startSeq } = await account.role('site');
    expect({ dueAt, startSeq }).toEqual({
      dueAt: Math.max(now(), (failing.failure?.at ?? 0) + HOUR),
      startSeq: failing.startSeq,
    });
    expect(account.interpreter.executions).toHaveLength(starts);
    account.ca.faults.clear();
    await account.live(2 * HOUR);
    expect(account.ca.journal.issued).toHaveLength(1);
  });

  it('that changes a target while its push is in flight is followed by a push of the new declaration, not a week later', async () => {
    account = await startVirtualAccount({ edgeLags: true });
    await account.deploy([site()]);
    account.interpreter.start('sweep', 'begins', {});
    await account.virtual.advance(20_000);
    const [acm] = site().targets;
    if (acm === undefined) throw new Error('no target');
    await account.deploy([site({ targets: [{ ...acm, probe: 'control-plane' }] })]);
    account.edge.catchUp();
    await account.virtual.runUntil(quiet, 3 * HOUR);
    const pushes = account.interpreter.executions.filter(({ machine }) => machine === 'push').length;
    await account.live(HOUR);
    expect(account.interpreter.executions.filter(({ machine }) => machine === 'push').length).toBeGreaterThan(pushes);
  });

  it('that makes a finalized order one of the old kind orders the new kind at once, not after the claim has run out', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    let sent = false;
    account.calls.plan = async (call, act) => {
      if (sent && ['finalize-order', 'record-failure'].includes(call.handler)) return account.calls.kill();
      const answer = await act();
      if (call.handler === 'finalize-order' && call.operation.includes('finalize')) sent = true;
      if (call.handler === 'finalize-order' && call.service === 'acme') sent = true;
      return answer;
    };
    await account.sweep();
    account.calls.plan = (_call, act) => act();
    expect((await account.slot(DOMAINS))?.order?.finalizeIntent).toBeDefined();
    await account.deploy([site({ keyType: 'ecdsa-p384' })]);
    await account.live(HOUR);
    expect((await account.role('site')).version).toBeDefined();
  });
});

describe('a run', () => {
  it('that dies right after it has promoted a stored version still leads to pushes', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    let sent = false;
    account.calls.plan = async (call, act) => {
      if (sent && ['finalize-order', 'record-failure'].includes(call.handler)) return account.calls.kill();
      await act();
      sent ||= call.handler === 'finalize-order' && call.service === 'acme';
    };
    await account.sweep();
    let promoted = false;
    account.calls.plan = async (call, act) => {
      await act();
      if (promoted || call.handler !== 'create-order' || call.operation !== 'UpdateItem') return;
      promoted = (await getItem(table(), roleKey('site')))?.version !== undefined;
      if (promoted) await account.calls.kill();
    };
    await account.deploy([site(), account.declaration('second', DOMAINS)]);
    await account.live(3 * DAY, HOUR);
    const { version } = await account.role('site');
    expect(promoted).toBe(true);
    expect((await account.targets('site'))[0]?.proven).toBe(version);
  });
});

describe('a sweep', () => {
  it('is not held up by hundreds of due rows whose runs are in flight', async () => {
    account = await startVirtualAccount();
    await account.deploy([site()]);
    for (let at = 0; at < 260; at += 1) {
      const key = targetKey(`busy-${at}`, 'acm');
      const due = { kind: 'push', dueShard: dueShardOf(key), dueAt: now() - 1, startSeq: 1, tries: 1 };
      const busy = { runUntil: now() + HOUR, endsAt: now() + HOUR, certificate: `busy-${at}`, target: {} };
      await putIfAbsent(table(), { ...key, schema: 1, ...due, ...busy });
    }
    await findDue({ input: {} }, { ...account.ports.base, deadline: now() + MINUTE });
    expect(account.interpreter.executions.map(({ machine }) => machine)).toEqual(['renewal']);
    await account.virtual.runUntil(quiet, HOUR);
  });
});
