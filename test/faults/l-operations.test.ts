import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { versionKey } from '../../lambdas/core/rows.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import { makeCertificate } from '../support/certificates.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, failuresTold, servedAt } from './oracles.ts';
import { FOREVER, problemFault, useStage } from './stage.ts';

const stage = useStage();
const failureOf = async (name: string) => (await stage.account.role(name)).failure;
const targetOf = async (name: string) => (await stage.account.targets(name))[0];
const act = () => {
  stage.account.calls.plan = (_call, go) => go();
};
const forget = () => stage.account.virtual.advance(2 * HOUR);

/** Calls that match fail until then; how many did. */
function failWhile(
  matches: (call: { readonly service: string; readonly operation: string }) => boolean,
  until: number,
  fault: () => Error,
): { readonly failed: () => number } {
  let failed = 0;
  stage.account.calls.plan = (call, go) => {
    if (!matches(call) || stage.now() >= until) return go();
    failed += 1;
    return Promise.reject(fault());
  };
  return { failed: () => failed };
}

/** Issued and proven, then brought to the instant of its renewal. */
async function untilRenewal(
  name: string,
): Promise<{ readonly domain: string; readonly before: Awaited<ReturnType<typeof servedAt>> }> {
  const domain = await stage.declare(name);
  await stage.account.sweep();
  const before = await servedAt(stage.account, domain);
  const { renewAt = 0 } = await stage.account.role(name);
  await stage.account.virtual.advance(renewAt - stage.now() + MINUTE);
  return { domain, before };
}

describe('the table', () => {
  it('that throttles every third request for ten minutes costs repeats and no second certificate [L8]', async () => {
    const { domain, before } = await untilRenewal('throttled');
    let at = 0;
    failWhile(
      ({ service }) => {
        if (service === 'dynamodb') at += 1;
        return service === 'dynamodb' && at % 3 === 0;
      },
      stage.now() + 10 * MINUTE,
      () =>
        Object.assign(new Error('Rate exceeded'), {
          name: 'ThrottlingException',
          $retryable: { throttling: true },
          $metadata: { httpStatusCode: 400 },
        }),
    );
    await stage.account.sweep();
    await stage.liveUntil(stage.issued(domain, 2), DAY);
    const told = failuresTold(stage.account, 'throttled').length;
    expect(told).toBeLessThanOrEqual(1);
    await expectOracles(stage.account, { domain, certificate: 'throttled', issued: 2, before, told });
  });
});

describe('a secret that cannot be reached', () => {
  it('before newOrder keeps the order from being placed, and is told once [L10]', async () => {
    const { domain, before } = await untilRenewal('sealed');
    // A Lambda remembers its account key for a while.
    await forget();
    const orders = stage.requestsAt('newOrder').length;
    failWhile(
      ({ service }) => service === 'kms',
      FOREVER,
      () => new AwsFault('KMSInternalException', 'down', 500),
    );
    await stage.account.sweep();
    expect(stage.requestsAt('newOrder')).toHaveLength(orders);
    expect(await failureOf('sealed')).toMatchObject({ class: 'transient', code: 'KMSInternalException' });
    act();
    await stage.liveUntil(stage.issued(domain, 2), DAY);
    await expectOracles(stage.account, { domain, certificate: 'sealed', issued: 2, told: 1, before });
  });
});

describe('a version', () => {
  it('whose write dies half way is never pointed at: chain and key are one row, and the pointer comes after it [L11]', async () => {
    const { domain, before } = await untilRenewal('halved');
    let killed = false;
    stage.account.calls.plan = async (call, go) => {
      const dies = !killed && call.handler === 'finalize-order' && call.operation === 'PutItem';
      if (!dies) return go();
      killed = true;
      return stage.account.calls.kill();
    };
    await stage.account.sweep();
    expect(killed).toBe(true);
    act();
    await stage.liveUntil(async () => (await targetOf('halved'))?.proven !== shaOf(before), DAY);
    await expectOracles(stage.account, { domain, certificate: 'halved', issued: 2, told: 1, before });
  });

  it.each([
    ['is lost', 'lost', undefined],
    ['has a chain that is none', 'chainless', { chainPem: 'garbage' }],
    ['has a key that does not open', 'keyless', { sealedKey: { ciphertext: 'AAAA', context: {} } }],
  ])(
    'that %s is ordered anew at once, as if there were none: no loop, and what is served stays [L25]',
    async (_what, name, broken) => {
      const { account } = stage;
      const domain = await stage.declare(name);
      await account.sweep();
      const before = await servedAt(account, domain);
      const { version = '' } = await account.role(name);
      const { table } = account.ports.base;
      const Key = versionKey(name, version);
      const names = Object.keys(broken ?? { sealedKey: 1, chainPem: 1 });
      const put = broken === undefined ? undefined : Object.entries(broken);
      if (put === undefined) await removeRow(Key);
      else
        await table.client.send(
          new UpdateCommand({
            TableName: table.name,
            Key,
            UpdateExpression: `SET ${names.map((_, at) => `#n${at} = :v${at}`).join(', ')}`,
            ExpressionAttributeNames: Object.fromEntries(names.map((field, at) => [`#n${at}`, field])),
            ExpressionAttributeValues: Object.fromEntries(put.map(([, value], at) => [`:v${at}`, value])),
          }),
        );
      // What ACM holds is lost as well, so that the version is needed.
      const held = account.acm.certificates().find(({ domains }) => domains.includes(domain));
      const other = await makeCertificate({
        domains: [domain],
        notBefore: new Date(stage.now() - 30 * DAY),
        notAfter: new Date(stage.now() + 60 * DAY),
      });
      await account.acm.call('ImportCertificate', {
        CertificateArn: held?.arn,
        Certificate: Buffer.from(other.leafPem),
        PrivateKey: Buffer.from(other.privateKeyPem),
        CertificateChain: Buffer.from(other.intermediatesPem),
      });
      await stage.liveUntil(stage.issued(domain, 2), 9 * DAY);
      await stage.liveUntil(async () => (await targetOf(name))?.failure === undefined, 2 * DAY);
      expect(failuresTold(account, name)).toHaveLength(1);
      await expectOracles(account, { domain, certificate: name, issued: 2, told: 1, recovered: 1, before });
    },
  );
});

function shaOf(before: Awaited<ReturnType<typeof servedAt>>): string | undefined {
  return before === 'nothing' ? undefined : before.sha256;
}

async function removeRow(Key: { readonly pk: string; readonly sk: string }): Promise<void> {
  const { table } = stage.account.ports.base;
  await table.client.send(new DeleteCommand({ TableName: table.name, Key }));
}

describe('ACM', () => {
  it.each([
    ['is over its quota of imports', 'quota', 'LimitExceededException', 400, 'person', 'L13'],
    ['fails for a day', 'broken', 'InternalServerException', 500, 'transient', 'L14'],
    ['throttles for a day', 'busy', 'ThrottlingException', 400, 'transient', 'L14'],
  ])(
    'that %s is asked again by the push alone: the certificate is issued once [L13, L14] (%s)',
    async (_what, name, code, status, failureClass) => {
      const { domain, before } = await untilRenewal(name);
      failWhile(
        ({ operation }) => operation === 'ImportCertificate',
        stage.now() + DAY,
        () => new AwsFault(code, 'no', status),
      );
      await stage.account.sweep();
      expect((await targetOf(name))?.failure).toMatchObject({ class: failureClass, code });
      expect(await servedAt(stage.account, domain)).toEqual(before);
      await stage.liveUntil(async () => (await targetOf(name))?.failure === undefined, 2 * DAY);
      await expectOracles(stage.account, { domain, certificate: name, issued: 2, told: 1, recovered: 1, before });
    },
  );

  it('that refuses one of two targets is asked again for that one only [L15]', async () => {
    const { account } = stage;
    const [target] = account.declaration('both', ['both.example.test']).targets;
    if (target === undefined) throw new Error('a declaration has a target');
    const domain = await stage.declare('both', { targets: [target, { ...target, id: 'second' }] });
    let refused = 0;
    let imports = 0;
    account.calls.plan = (call, go) => {
      const isImport = call.operation === 'ImportCertificate';
      if (isImport) imports += 1;
      const refuse = isImport && imports > 1 && refused < 3;
      if (!refuse) return go();
      refused += 1;
      return Promise.reject(new AwsFault('AccessDeniedException', 'no', 400));
    };
    await account.sweep();
    await stage.liveUntil(
      async () =>
        (await account.targets('both')).every(({ failure, proven }) => failure === undefined && proven !== undefined),
      3 * DAY,
    );
    expect(account.acm.certificates().filter(({ domains }) => domains.includes(domain))).toHaveLength(2);
    await expectOracles(account, { domain, certificate: 'both', issued: 1, told: 1, recovered: 1 });
  });
});

describe('people', () => {
  it('who cannot be told, because SNS denies it for hours, are told later: no renewal fails for that [L18]', async () => {
    const { domain, before } = await untilRenewal('silent');
    stage.account.ca.faults.add({
      endpoint: 'newOrder',
      times: 1,
      fault: problemFault(400, 'rejectedIdentifier', 'not this one'),
    });
    failWhile(
      ({ service }) => service === 'sns',
      stage.now() + 6 * HOUR,
      () => new AwsFault('AuthorizationErrorException', 'no', 403),
    );
    await stage.account.sweep();
    expect(failuresTold(stage.account, 'silent')).toEqual([]);
    await stage.liveUntil(stage.issued(domain, 2), 2 * DAY);
    await stage.liveUntil(() => failuresTold(stage.account, 'silent').length > 0, 3 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'silent', issued: 2, told: 1, before });
  });

  it('are told once of ten failures of one kind, and once of their end [L36]', async () => {
    const { domain, before } = await untilRenewal('tenfold');
    stage.account.ca.faults.add({
      endpoint: 'newOrder',
      times: 30,
      when: () => tries < 10,
      fault: problemFault(500, 'serverInternal', 'down'),
    });
    let tries = 0;
    const { role } = stage.account;
    const isTenth = await stage.liveUntil(async () => {
      tries = (await role('tenfold')).failure?.count ?? tries;
      return tries >= 10;
    }, 14 * DAY);
    expect(isTenth).toBe(true);
    expect(failuresTold(stage.account, 'tenfold')).toHaveLength(1);
    await stage.liveUntil(stage.issued(domain, 2), 14 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'tenfold', issued: 2, told: 1, before });
  });
});

describe('the network', () => {
  it('that is not there yet when a Lambda starts costs repeats, and no order is lost [L29]', async () => {
    const { domain, before } = await untilRenewal('cold');
    const down = failWhile(
      ({ service }) => ['acme', 'dns'].includes(service),
      stage.now() + 5_000,
      () => Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' }),
    );
    await stage.account.sweep();
    expect(down.failed()).toBeGreaterThan(0);
    await stage.liveUntil(stage.issued(domain, 2), DAY);
    const told = failuresTold(stage.account, 'cold').length;
    await expectOracles(stage.account, { domain, certificate: 'cold', issued: 2, before, told });
  });
});
