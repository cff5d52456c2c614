import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import type { SecretsManagerTarget } from '../../lambdas/core/target-declaration.ts';
import { createSecretsManagerDriver } from '../../lambdas/targets/secrets-manager.ts';
import { SecretsManagerAccount } from '../../local/aws/secrets-manager.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { CLIENT_SETTINGS, PLACE, StageCalls } from './stage.ts';
import { jobOf, twoVersions } from './target-job.ts';

const TARGET: SecretsManagerTarget = {
  id: 'one',
  kind: 'secrets-manager',
  secretName: 'certificates/shop',
  probe: 'control-plane',
};

function makeStage(): TargetStage<SecretsManagerTarget> & { readonly account: SecretsManagerAccount } {
  const account = new SecretsManagerAccount(PLACE);
  const calls = new StageCalls();
  const client = calls.connect(new SecretsManagerClient(CLIENT_SETTINGS), account);
  return {
    account,
    driver: createSecretsManagerDriver({ clientFor: () => client, table: 'table' }),
    target: TARGET,
    setAround: (around) => calls.setAround(around),
    writes: () => calls.writes(),
    held: async () => JSON.parse(account.currentValues()[TARGET.secretName] ?? '{}').sha256,
    objects: () => account.versionsOf(TARGET.secretName),
  };
}

describeTarget('A secret of Secrets Manager', makeStage);

const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };
async function noWork(): Promise<void> {}

it('A secret holds all forms of the certificate, and when it ends', async () => {
  const { account, driver } = makeStage();
  const [version] = await twoVersions();
  await driver.install(jobOf(TARGET, version, row));
  const value = JSON.parse(account.currentValues()[TARGET.secretName] ?? '');
  expect(value).toEqual({
    certificate: version.leafPem,
    chain: version.intermediatesPem,
    fullchain: version.chainPem,
    privateKey: version.privateKeyPem,
    pkcs12: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
    pkcs12Password: expect.stringMatching(/^[\w-]{43}$/),
    sha256: version.sha256,
    notAfter: new Date(version.notAfter).toISOString(),
  });
});

it('A secret that somebody else made is not written to, and the remedy is told', async () => {
  const { account, driver, writes } = makeStage();
  account.putSecret(TARGET.secretName, 'theirs');
  const [version] = await twoVersions();
  await expect(driver.install(jobOf(TARGET, version, row))).rejects.toMatchObject({
    detail: { class: 'person', message: expect.stringMatching(/not made by Perennial.*tag perennial:certificate/) },
  });
  expect(account.currentValues()[TARGET.secretName]).toBe('theirs');
  expect(writes()).toBe(0);
});

it('A secret that is scheduled for deletion is told', async () => {
  const { account, driver } = makeStage();
  const [version] = await twoVersions();
  await driver.install(jobOf(TARGET, version, row));
  account.deleteSecret(TARGET.secretName);
  await expect(driver.install(jobOf(TARGET, version, row))).rejects.toMatchObject({
    detail: { class: 'person', code: 'secretDeleted' },
  });
});

it('A secret holds a version again that two others have superseded, of which AWS lists no label any more', async () => {
  const { account, driver } = makeStage();
  const [first, second] = await twoVersions();
  const [third] = await twoVersions();
  for (const version of [first, second, third, first]) await driver.install(jobOf(TARGET, version, row));
  expect(JSON.parse(account.currentValues()[TARGET.secretName] ?? '').sha256).toBe(first.sha256);
  expect(account.versionsOf(TARGET.secretName)).toBe(3);
});
