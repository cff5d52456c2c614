import { afterEach, describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { watchListOf } from '../../lambdas/core/watch-list.ts';
import { makeCertificate } from '../support/certificates.ts';
import { askAgain, startWithAri, suggest } from '../support/renewal-info.ts';
import { DAY, HOUR, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const now = () => account.virtual.clock.now();
const site = (changes: Partial<CertificateDeclaration> = {}) => account.declaration('site', ['example.test'], changes);
const subjects = () => account.sns.messages().map(({ subject }) => subject);
const risks = () =>
  account.sns.messages().filter(({ subject }) => /at risk|has ended|look|revoked|called back/.test(subject ?? ''));
const until = (instant: number) => account.virtual.advance(instant - now());
const metric = (name: string) => account.cloudWatch.values('Perennial', name, { service: 'Perennial' }).at(-1)?.value;

/** Watches every hour for so long, without any sweep. */
async function watchFor(ms: number): Promise<void> {
  const end = now() + ms;
  while (now() < end) {
    await account.watch();
    await account.virtual.advance(HOUR);
  }
}

/** Refuses one operation of a service, until what it answers is called. */
function refuse(service: string, operation: string): () => void {
  account.calls.plan = async (call, act) => {
    if (call.service === service && call.operation.startsWith(operation)) throw new Error(`${service} is refused`);
    return act();
  };
  return () => {
    account.calls.plan = (_call, act) => act();
  };
}

async function issued(): Promise<{ readonly notBefore: number; readonly notAfter: number }> {
  account = await startVirtualAccount();
  await account.deploy([site()]);
  await account.sweep();
  const { notBefore = 0, notAfter = 0 } = await account.role('site');
  return { notBefore, notAfter };
}

describe('The watch', () => {
  it('looks at each certificate once a day and tells nobody anything while all is well', async () => {
    await issued();
    await account.watch();
    const before = account.edge.handshakes();
    await watchFor(3 * DAY);
    expect(account.edge.handshakes() - before).toBe(3);
    expect(risks()).toEqual([]);
    expect(metric('CertificatesAtRisk')).toBe(0);
    expect(metric('WatchCompleted')).toBe(1);
    expect(metric('AcmImportsUsedPercent')).toBe(0);
    account.setWatchList({ ...watchListOf([site()]), acmImportQuota: 2 });
    await account.watch();
    expect(metric('AcmImportsUsedPercent')).toBe(50);
  });

  it('tells once that a sixth is left, once that a twentieth is left, and once that it has ended, although no sweep runs', async () => {
    const { notBefore, notAfter } = await issued();
    const life = notAfter - notBefore;
    await until(notAfter - life / 6 - HOUR);
    await account.watch();
    expect(risks()).toEqual([]);
    await until(notAfter - life / 6 + HOUR);
    await watchFor(DAY);
    expect(risks()).toHaveLength(1);
    expect(risks()[0]?.message).toMatch(/ends at[\s\S]*is due since .* and nothing starts it/);
    expect(metric('CertificatesAtRisk')).toBe(1);
    await until(notAfter - life / 20 + HOUR);
    await watchFor(DAY);
    expect(risks()).toHaveLength(2);
    await until(notAfter + HOUR);
    await watchFor(2 * DAY);
    expect(risks().map(({ subject }) => subject)).toEqual([
      'Perennial: site is at risk',
      'Perennial: site is at risk and urgent',
      'Perennial: site has ended',
    ]);
  });

  it('tells once that it is safe again', async () => {
    const { notBefore, notAfter } = await issued();
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    await account.watch();
    await account.sweep();
    await watchFor(3 * HOUR);
    expect(subjects().filter((subject) => subject === 'Perennial: site is safe again')).toHaveLength(1);
    expect(metric('CertificatesAtRisk')).toBe(0);
  });

  it('leaves what RecordFailure tells to it: the last twentieth of a renewal that fails, and its recovery', async () => {
    const { notBefore, notAfter } = await issued();
    const broken = account.ca.faults.add({
      endpoint: 'newOrder',
      fault: { kind: 'answer', status: 500 },
      times: Infinity,
    });
    const life = notAfter - notBefore;
    for (let at = notAfter - life / 3; at < notAfter - life / 25; at += DAY) {
      await until(at);
      await account.sweep();
      await account.watch();
    }
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site is at risk']);
    expect(subjects().filter((subject) => subject?.includes('renewal fails'))).toHaveLength(2);
    broken.remove();
    await account.live(DAY, 2 * HOUR);
    await watchFor(2 * HOUR);
    expect(subjects().filter((subject) => /recovered|safe again/.test(subject ?? ''))).toEqual([
      'Perennial: site has recovered',
    ]);
  });

  it('has a target pushed again that serves something else, and tells nothing where that mends it', async () => {
    await issued();
    const [held] = account.acm.certificates();
    const other = await makeCertificate({
      domains: ['example.test'],
      notBefore: new Date(now() - 60 * DAY),
      notAfter: new Date(now() + 30 * DAY),
    });
    await account.acm.call('ImportCertificate', {
      CertificateArn: held?.arn,
      Certificate: Buffer.from(other.leafPem),
      CertificateChain: Buffer.from(other.intermediatesPem),
      PrivateKey: Buffer.from(other.privateKeyPem),
    });
    for (let hour = 0; hour < 26; hour += 1) {
      await account.watch();
      await account.live(HOUR);
    }
    const [mended] = account.acm.certificates();
    expect(mended?.leafPem).toBe(held?.leafPem);
    expect(risks()).toEqual([]);
  });

  it('finds that a certificate was revoked, tells it once and has it renewed', async () => {
    await issued();
    const { version } = await account.role('site');
    account.ca.control.revoke(account.ca.control.certificates()[0]?.certId ?? '');
    await watchFor(DAY);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site was revoked and is still served']);
    await account.sweep();
    await watchFor(4 * HOUR);
    expect((await account.role('site')).version).not.toBe(version);
    expect(subjects().at(-1)).toBe('Perennial: site is safe again');
    expect(account.ca.journal.issued).toHaveLength(2);
  });

  it('finds that a CA wants a certificate replaced at once, and tells it once when nothing has renewed it for three hours', async () => {
    account = await startWithAri();
    const explanationURL = 'https://ca.example/incident';
    suggest(account, { window: { start: now() - HOUR, end: now() - HOUR / 2 }, explanationURL });
    await askAgain(account);
    await watchFor(3 * HOUR);
    expect(risks()).toEqual([]);
    await watchFor(DAY);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site is called back by its CA']);
    expect(risks()[0]?.message).toMatch(/over at .*https:\/\/ca\.example\/incident[\s\S]*"called-back"/);
    await account.sweep();
    await watchFor(4 * HOUR);
    expect(subjects().at(-1)).toBe('Perennial: site is safe again');
    expect(risks()).toHaveLength(1);
  });

  it('leaves it to a sweep that comes in time to have a certificate replaced that its CA calls back', async () => {
    account = await startWithAri();
    suggest(account, { window: { start: now() - HOUR, end: now() - HOUR / 2 } });
    await askAgain(account);
    await account.watch();
    await account.sweep();
    await watchFor(DAY);
    expect(risks()).toEqual([]);
    expect(account.ca.journal.issued).toHaveLength(2);
  });

  it('tells that a host cannot be looked at when it could not for three hours, and that it is back', async () => {
    await issued();
    const [held] = account.acm.certificates();
    await account.acm.call('DeleteCertificate', { CertificateArn: held?.arn });
    await watchFor(DAY + 2 * HOUR);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site cannot be looked at']);
  });

  it('goes on without the table, by ends, names and issuers, and says so once', async () => {
    const { notBefore, notAfter } = await issued();
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    const allow = refuse('dynamodb', 'Query');
    await watchFor(2 * DAY);
    expect(subjects().filter((subject) => subject?.includes('cannot read the table'))).toHaveLength(1);
    expect(risks()).toHaveLength(1);
    expect(risks()[0]?.message).toContain('judged by ends, names and issuers alone');
    allow();
    await watchFor(2 * HOUR);
    expect(subjects().filter((subject) => subject?.includes('reads the table again'))).toHaveLength(1);
  });

  it('tells of many at once in one message, and of each to machines', async () => {
    account = await startVirtualAccount();
    const names = Array.from({ length: 8 }, (_, at) => `site-${at}`);
    await account.deploy(names.map((name) => account.declaration(name, [`${name}.example.test`])));
    await account.sweep();
    const { notBefore = 0, notAfter = 0 } = await account.role('site-0');
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    await watchFor(DAY);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: 8 certificates need a look']);
    const events = account.events.events().filter(({ detailType }) => detailType === 'certificate.at-risk');
    expect(events).toHaveLength(8);
  });

  it('tells who is told at first, and again when that changes, with who has not confirmed and what comes next', async () => {
    await issued();
    account.sns.subscribe(account.topicArn, 'email', 'ops@your.domain');
    await watchFor(5 * HOUR);
    const told = () => account.sns.messages().filter(({ subject }) => subject?.includes('who is told'));
    expect(told()).toHaveLength(1);
    expect(told()[0]?.message).toMatch(/watches 1 certificate[\s\S]*"site", at[\s\S]*must confirm.*ops@your\.domain/);
    expect(metric('UnconfirmedSubscriptions')).toBe(1);
    account.sns.confirm('ops@your.domain');
    await watchFor(5 * HOUR);
    expect(told()).toHaveLength(2);
    expect(metric('UnconfirmedSubscriptions')).toBe(0);
  });

  it('tells a message again, by the same id, whose publication was not known to have worked, and loses none', async () => {
    const { notBefore, notAfter } = await issued();
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    const allow = refuse('sns', 'Publish');
    await expect(account.watch()).rejects.toThrow(/Publishing message/);
    allow();
    await watchFor(2 * HOUR);
    expect(risks()).toHaveLength(1);
  });

  it('keeps a message that nobody can be told for hours, and tells it once when the topic is back', async () => {
    const { notBefore, notAfter } = await issued();
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    const allow = refuse('sns', 'Publish');
    for (let hour = 0; hour < 4; hour += 1) {
      await expect(account.watch()).rejects.toThrow(/Publishing message/);
      await account.virtual.advance(HOUR);
    }
    allow();
    await watchFor(3 * HOUR);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site is at risk']);
  });

  it('keeps it, too, where the certificate is no longer declared by then', async () => {
    const { notBefore, notAfter } = await issued();
    await until(notAfter - (notAfter - notBefore) / 6 + HOUR);
    const allow = refuse('sns', 'Publish');
    await expect(account.watch()).rejects.toThrow(/Publishing message/);
    account.setWatchList(watchListOf([]));
    await expect(account.watch()).rejects.toThrow(/Publishing message/);
    allow();
    await watchFor(2 * HOUR);
    expect(risks().map(({ subject }) => subject)).toEqual(['Perennial: site is at risk']);
  });
});
