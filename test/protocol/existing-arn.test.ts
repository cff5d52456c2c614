import { afterEach, describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { HOUR, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const told = () => account.sns.messages().filter(({ subject }) => subject?.includes('push to acm fails'));

/** A certificate whose target names this ARN. */
function onto(arn: string, changes: Partial<CertificateDeclaration> = {}): CertificateDeclaration {
  const declaration = account.declaration('site', ['example.test'], changes);
  return { ...declaration, targets: declaration.targets.map((target) => ({ ...target, arn })) };
}

/** An ARN that somebody has imported to before: made by a certificate of another name that is retired then. */
async function imported(): Promise<string> {
  account = await startVirtualAccount();
  const before = account.declaration('before', ['example.test']);
  await account.deploy([before]);
  await account.sweep();
  await account.virtual.advance(HOUR);
  return account.acm.certificates()[0]?.arn ?? '';
}

describe('A target that names an ARN', () => {
  it('has the first issue imported onto it, and its own parameter', async () => {
    const arn = await imported();
    await account.deploy([onto(arn)]);
    await account.live(2 * HOUR);
    expect(account.acm.certificates().map((held) => held.arn)).toEqual([arn]);
    expect(account.ca.journal.issued).toHaveLength(2);
    expect((await account.targets('site'))[0]).toMatchObject({
      remoteId: arn,
      proven: (await account.role('site')).version,
    });
    expect(account.ssm.parameters()['/perennial/site/acm/arn']).toBe(arn);
  });

  it('with another kind of key fails before anything is sent, with what to write instead', async () => {
    const arn = await imported();
    await account.deploy([onto(arn, { keyType: 'rsa-2048' })]);
    const [held] = account.acm.certificates();
    await account.live(HOUR);
    expect(account.acm.certificates()).toEqual([held]);
    expect(told().map(({ message }) => message)).toEqual([expect.stringContaining('Declare keyType ecdsa-p256')]);
  });

  it('that does not exist is told, and no other is made in its place', async () => {
    account = await startVirtualAccount();
    await account.deploy([onto('arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000')]);
    await account.live(HOUR);
    expect(account.acm.certificates()).toEqual([]);
    expect(told().map(({ message }) => message)).toEqual([
      expect.stringMatching(/there is no certificate arn:aws:acm.*Correct arn/),
    ]);
  });

  it('that was deleted later is told as well', async () => {
    const arn = await imported();
    await account.deploy([onto(arn)]);
    await account.live(2 * HOUR);
    await account.acm.call('DeleteCertificate', { CertificateArn: arn });
    await account.live(9 * 24 * HOUR, 24 * HOUR);
    expect(account.acm.certificates()).toEqual([]);
    expect(told()[0]?.message).toMatch(/arnMissing|no certificate/);
  });
});
