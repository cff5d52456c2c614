import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { roleKey } from '../../lambdas/core/rows.ts';
import { problemAnswer } from '../faults/support.ts';
import { DAY, HOUR, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { parsed, SCHEMAS } from './schemas.ts';
import { refuseWrites, runCli } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

async function withOneFine(): Promise<void> {
  account = await startVirtualAccount();
  await account.deploy([account.declaration('site', ['example.test', '*.example.test'])]);
  await account.sweep();
}

async function withOneFailing(): Promise<void> {
  await withOneFine();
  await account.deploy([
    account.declaration('site', ['example.test', '*.example.test']),
    account.declaration('stray', ['stray.elsewhere.test']),
  ]);
  await account.sweep();
}

describe('perennial status', () => {
  it('tells a certificate that is fine, where it is proven and when it is renewed, and ends with 0', async () => {
    await withOneFine();
    const { code, out } = await runCli(account, 'status');
    expect(code).toBe(0);
    const [header, row] = out.split('\n');
    expect(header).toMatch(/^CERTIFICATE +NAMES +CA +VERSION +NOT AFTER +DAYS +NEXT RENEWAL +STATE +TARGETS$/);
    expect(row).toMatch(
      /^site +example\.test \+1 +local +[0-9a-f]{12} +2027-03-3\d \d\d:\d\d UTC +89 +2027-0\d-\d\d \d\d:\d\d UTC \(in \d\d days\) +fine +acm proven$/,
    );
    expect(header?.indexOf('STATE')).toBe(row?.indexOf('fine'));
  });

  it('tells one that fails with its reason, since when and its next try, and ends with 1', async () => {
    await withOneFailing();
    const { code, out } = await runCli(account, 'status');
    expect(code).toBe(1);
    expect(out).toMatch(/^stray .* failing since .* acm nothing yet$/m);
    expect(out).toMatch(
      /^stray: renewal fails since .*1 time\(s\), noHostedZone: No public hosted zone .* Next try: 2027-01-0\d/m,
    );
    expect(out).toMatch(/^site .* fine/m);
  });

  it('prints JSON of one shape, without a word besides it', async () => {
    await withOneFailing();
    const { code, out, err } = await runCli(account, 'status --json');
    const { certificates, stack } = parsed(SCHEMAS.status, out);
    expect({ code, err, stack }).toEqual({ code: 1, err: '', stack: 'Perennial' });
    expect(certificates.map(({ name, state, needsAttention }) => [name, state, needsAttention])).toEqual([
      ['site', 'fine', false],
      ['stray', 'failing', true],
    ]);
    const { version } = await account.role('site');
    expect(certificates[0]?.targets).toEqual([
      { id: 'acm', kind: 'acm', desired: version, proven: version, state: 'proven' },
    ]);
  });

  it('ends with 1 where less than a sixth of the lifetime is left, though nothing fails', async () => {
    await withOneFine();
    await account.virtual.advance(76 * DAY);
    const { code, out } = await runCli(account, 'status --json');
    const [site] = parsed(SCHEMAS.status, out).certificates;
    expect(code).toBe(1);
    expect(site).toMatchObject({ state: 'at-risk', needsAttention: true, failures: [] });
    await account.settleDown(HOUR);
    expect((await runCli(account, 'status')).code).toBe(0);
  });

  it('tells what waits for a limit of its CA, which is no failure', async () => {
    account = await startVirtualAccount();
    const site = account.declaration('site', ['example.test']);
    const limits = { certificatesPerExactSet: { count: 1, windowMs: 7 * DAY } };
    await account.deploy([{ ...site, cas: [{ ...site.cas[0], limits }] }]);
    await account.sweep();
    await runCli(account, 'renew site --force --wait');
    const { code, out } = await runCli(account, 'status --json');
    expect(code).toBe(0);
    expect(parsed(SCHEMAS.status, out).certificates[0]).toMatchObject({
      state: 'waiting-for-limit',
      limit: { kind: 'certificatesPerExactSet', ca: 'local' },
    });
    expect((await runCli(account, 'status')).out).toMatch(/waits for certificatesPerExactSet until 2027-01-0/);
  });

  it('tells everything about one certificate with its last attempts', async () => {
    account = await startVirtualAccount();
    account.ca.faults.add({ endpoint: 'finalize', fault: problemAnswer(403, 'caa', 'CAA record forbids it') });
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    const text = await runCli(account, 'status site');
    expect(text.code).toBe(1);
    expect(text.out).toMatch(/^certificate +site$/m);
    expect(text.out).toMatch(/finalize was answered 403: caa CAA record forbids it/);
    const { code, out } = await runCli(account, 'status site --json');
    const { attempts, certificate } = parsed(SCHEMAS.statusOfOne, out);
    expect({ code, state: certificate.state }).toEqual({ code: 1, state: 'failing' });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed']);
  });

  it('names near certificates where there is none of that name, and ends with 2', async () => {
    await withOneFine();
    const { code, out, err } = await runCli(account, 'status sitte');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      'perennial: certificate is "sitte": the stack Perennial has none of that name. Did you mean "site"?\n',
    );
  });

  it('names certificates whose rows this version cannot read, and ends with 1', async () => {
    await withOneFine();
    const { table } = account.ports.base;
    const update = { UpdateExpression: 'SET #schema = :newer', ExpressionAttributeNames: { '#schema': 'schema' } };
    const values = { ExpressionAttributeValues: { ':newer': 99 } };
    await table.client.send(new UpdateCommand({ TableName: table.name, Key: roleKey('site'), ...update, ...values }));
    const { code, out } = await runCli(account, 'status --json');
    expect({ code, ...parsed(SCHEMAS.status, out) }).toMatchObject({ code: 1, certificates: [], unreadable: ['site'] });
    expect((await runCli(account, 'status')).out).toMatch(/^site: rows are missing or of another version/m);
  });

  it('says what to do where nothing is declared', async () => {
    account = await startVirtualAccount();
    expect(await runCli(account, 'status')).toMatchObject({
      code: 0,
      out: expect.stringContaining('perennial.config.ts'),
    });
  });

  it('only reads', async () => {
    await withOneFailing();
    const asked = refuseWrites(account);
    expect((await runCli(account, 'status')).code).toBe(1);
    expect((await runCli(account, 'status site')).code).toBe(0);
    expect(new Set(asked)).toEqual(
      new Set(['cloudformation:DescribeStacks', 'dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:Query']),
    );
  });

  it('has colours on a terminal only, and none with NO_COLOR', async () => {
    await withOneFine();
    const colour = String.fromCharCode(27);
    expect((await runCli(account, 'status')).out).not.toContain(colour);
    expect((await runCli(account, 'status', { isTTY: true })).out).toContain(colour);
    expect((await runCli(account, 'status', { isTTY: true, env: { NO_COLOR: '1' } })).out).not.toContain(colour);
  });
});
