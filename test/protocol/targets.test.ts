import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { TargetRow } from '../../lambdas/core/rows.ts';
import type { TargetDeclaration, TargetKind } from '../../lambdas/core/target-declaration.ts';
import { sha256Of } from '../../lambdas/core/verify-certificate.ts';
import { RollbackError, rollBack } from '../../lambdas/steps/roll-back.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const DOMAINS = ['www.example.test'];
const LISTENER_OF_OTHERS = 'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000';

const told: { readonly id: string; readonly sha256: string }[] = [];

/** A certificate with a target of every kind. */
async function everywhere(): Promise<readonly TargetDeclaration[]> {
  told.length = 0;
  account = await startVirtualAccount({
    webhookSend: async ({ body }) => {
      told.push(JSON.parse(body));
      return { status: 200, headers: {} };
    },
  });
  account.secrets.putSecret('webhook-key', 'a key');
  account.s3.createBucket('certificates');
  account.httpApis.createDomainName('www.example.test', LISTENER_OF_OTHERS);
  const listenerArn = account.loadBalancing.createListener('HTTPS', LISTENER_OF_OTHERS);
  const distribution = account.cloudFront.createDistribution(DOMAINS);
  const probe = 'control-plane';
  const [acm] = account.declaration('site', DOMAINS).targets;
  if (acm === undefined) throw new Error('a declaration has a target');
  return [
    acm,
    { id: 'lb', kind: 'load-balancer', listenerArn, as: 'sni', acm: 'acm', probe },
    { id: 'api', kind: 'api-gateway', domainName: 'www.example.test', api: 'http', acm: 'acm', probe },
    { id: 'cdn', kind: 'iam-certificate', distributions: [distribution], probe },
    { id: 'secret', kind: 'secrets-manager', secretName: 'certificates/site', probe },
    { id: 'bucket', kind: 's3', bucket: 'certificates', prefix: 'site/', probe },
    { id: 'hook', kind: 'webhook', url: 'https://hook.test/', secretName: 'webhook-key', includeKey: false, probe },
  ];
}

async function deploy(targets: readonly TargetDeclaration[]): Promise<void> {
  await account.deploy([account.declaration('site', DOMAINS, { targets })]);
}

async function target(id: string): Promise<TargetRow> {
  const found = (await account.targets('site')).find((row) => row.target.id === id);
  if (found === undefined) throw new Error(`there is no target ${id}`);
  return found;
}

/** What each kind of target holds, seen from the far side. */
function held(targets: readonly TargetDeclaration[]): Readonly<Record<string, string | undefined>> {
  const inAcm = (arn: string | undefined): string | undefined => {
    const found = account.acm.certificates().find((certificate) => certificate.arn === arn);
    return found && sha256Of(new X509Certificate(found.leafPem));
  };
  const of: {
    readonly [Kind in TargetKind]: (target: Extract<TargetDeclaration, { kind: Kind }>) => string | undefined;
  } = {
    acm: () => inAcm(account.acm.certificates().at(-1)?.arn),
    'load-balancer': ({ listenerArn }) => inAcm(account.loadBalancing.served(listenerArn).at(-1)),
    'api-gateway': ({ domainName }) => inAcm(account.httpApis.configuration(domainName).CertificateArn),
    'iam-certificate': ({ distributions: [id = ''] }) => {
      const seen = account.iam.seenByCloudFront(
        account.cloudFront.config(id).ViewerCertificate?.IAMCertificateId ?? '',
      );
      return seen && sha256Of(new X509Certificate(seen.body));
    },
    'secrets-manager': ({ secretName }) => JSON.parse(account.secrets.currentValues()[secretName] ?? '{}').sha256,
    s3: ({ bucket, prefix }) => JSON.parse(account.s3.objects(bucket)[`${prefix}current.json`] ?? '{}').version,
    webhook: () => told.at(-1)?.sha256,
  };
  const look = (each: TargetDeclaration) => (of[each.kind] as (target: TargetDeclaration) => string | undefined)(each);
  return Object.fromEntries(targets.map((each) => [each.id, look(each)]));
}

const all = (targets: readonly TargetDeclaration[], version: string | undefined) =>
  Object.fromEntries(targets.map(({ id }) => [id, version]));

async function renew(): Promise<string | undefined> {
  const { renewAt = 0 } = await account.role('site');
  await account.virtual.advance(renewAt - account.time.clock.now() + MINUTE);
  await account.live(2 * HOUR);
  return (await account.role('site')).version;
}

describe('A certificate with a target of every kind', () => {
  it('is at each of them after its first issue, and after its renewal, and nothing old is left behind', async () => {
    const targets = await everywhere();
    await deploy(targets);
    await account.live(HOUR);
    const first = (await account.role('site')).version;
    expect(held(targets)).toEqual(all(targets, first));
    for (const { id } of targets) expect((await target(id)).proven).toBe(first);
    const second = await renew();
    expect(second).not.toBe(first);
    expect(held(targets)).toEqual(all(targets, second));
    for (const { id } of targets) expect(await target(id)).toMatchObject({ proven: second });
    for (const { id } of targets) expect((await target(id)).superseded).toBeUndefined();
    expect(Object.keys(account.iam.certificates())).toHaveLength(1);
    expect(Object.keys(account.s3.objects('certificates'))).toHaveLength(7);
    expect(account.acm.certificates()).toHaveLength(1);
  });

  it('is proven at the others while one target fails for days, which is told once and again when it recovers', async () => {
    const targets = await everywhere();
    account.calls.plan = async (call, act) => {
      if (call.service === 's3') throw new AwsFault('AccessDenied', 'Access Denied', 403);
      return act();
    };
    await deploy(targets);
    await account.live(3 * DAY, HOUR);
    const { version } = await account.role('site');
    for (const { id } of targets) expect((await target(id)).proven).toBe(id === 'bucket' ? undefined : version);
    expect((await target('bucket')).failure).toMatchObject({ class: 'person', code: 'AccessDenied' });
    expect(account.ca.journal.issued).toHaveLength(1);
    const about = () => account.sns.messages().filter(({ message }) => /Push to bucket/.test(message));
    expect(about()).toHaveLength(1);
    account.calls.plan = (_call, act) => act();
    await account.live(2 * DAY, HOUR);
    expect((await target('bucket')).proven).toBe(version);
    expect(about()).toHaveLength(2);
  });

  it('waits for its ARN, without a failure, where a target binds one that ACM does not have yet', async () => {
    const targets = await everywhere();
    let open = false;
    account.calls.plan = async (call, act) => {
      if (call.operation === 'ImportCertificate' && !open) throw new AwsFault('ThrottlingException', 'Rate exceeded');
      return act();
    };
    await deploy(targets);
    await account.live(3 * HOUR);
    expect(await target('lb')).not.toHaveProperty('proven');
    expect(await target('lb')).not.toHaveProperty('failure');
    open = true;
    await account.live(DAY, 15 * MINUTE);
    const { version } = await account.role('site');
    for (const { id } of targets) expect((await target(id)).proven).toBe(version);
  });

  it('follows its own policy of retry where a target has one', async () => {
    const [acm, ...rest] = await everywhere();
    const bucket = rest.find(({ kind }) => kind === 's3');
    if (acm === undefined || bucket === undefined) throw new Error('there is no such target');
    const retry = { baseSeconds: 7200, factor: 1, ceilingSeconds: 7200, jitter: 0, fastAttempts: 20 };
    account.calls.plan = async (call, act) => {
      if (call.service === 's3') throw new AwsFault('SlowDown', 'Please reduce your request rate.', 503);
      return act();
    };
    await deploy([acm, { ...bucket, retry }]);
    await account.sweep();
    const { failure, dueAt = 0 } = await target('bucket');
    expect(dueAt - (failure?.at ?? 0)).toBe(7200_000);
  });
});

describe('A change of the key type', () => {
  it('gets a new ARN, to which all that bind it change over; the old one is deleted when nothing uses it', async () => {
    const targets = (await everywhere()).filter(({ kind }) => ['acm', 'load-balancer', 'api-gateway'].includes(kind));
    await deploy(targets);
    await account.live(HOUR);
    const [before] = account.acm.certificates();
    await account.deploy([account.declaration('site', DOMAINS, { targets, keyType: 'ecdsa-p384' })]);
    await account.live(4 * HOUR);
    const { version } = await account.role('site');
    expect(held(targets)).toEqual(all(targets, version));
    expect(account.acm.certificates().map(({ arn }) => arn)).not.toContain(before?.arn);
    expect(account.acm.certificates()).toHaveLength(1);
    const { listenerArn = '' } = targets.find(({ kind }) => kind === 'load-balancer') as { listenerArn?: string };
    expect(account.loadBalancing.served(listenerArn)).toEqual([LISTENER_OF_OTHERS, account.acm.certificates()[0]?.arn]);
  });

  it('is told once where something that Perennial does not know still serves the old ARN', async () => {
    const [acm] = await everywhere();
    if (acm === undefined) throw new Error('there is no such target');
    await deploy([acm]);
    await account.live(HOUR);
    const old = account.acm.certificates()[0]?.arn ?? '';
    account.acm.setInUseBy(old, ['arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/theirs/1']);
    await account.deploy([account.declaration('site', DOMAINS, { targets: [acm], keyType: 'ecdsa-p384' })]);
    await account.live(5 * DAY, HOUR);
    const needed = account.sns.messages().filter(({ subject }) => subject?.includes('is still used'));
    expect(needed).toHaveLength(1);
    expect(needed[0]?.message).toContain(`use ${account.acm.certificates().at(-1)?.arn} wherever ${old} is used`);
    account.acm.setInUseBy(old, []);
    await account.live(2 * DAY, HOUR);
    expect(account.acm.certificates()).toHaveLength(1);
  });
});

describe('A rollback', () => {
  it('puts the version before back, which stays through sweeps and re-proofs until there is a new one', async () => {
    const targets = await everywhere();
    await deploy(targets);
    await account.live(HOUR);
    const first = (await account.role('site')).version;
    const second = await renew();
    for (const { id } of targets) if (id !== 'lb' && id !== 'api') await rollBack(account.ports.base, 'site', id);
    await account.live(8 * DAY, 6 * HOUR);
    expect(held(targets)).toEqual(all(targets, first));
    expect((await account.role('site')).version).toBe(second);
    const third = await renew();
    expect(held(targets)).toEqual(all(targets, third));
    expect(await target('acm')).not.toHaveProperty('rolledBackFrom');
  });

  it('is refused, with the reason, where there is nothing to go back to', async () => {
    await deploy((await everywhere()).slice(0, 1));
    await account.live(HOUR);
    const back = (id: string, version?: string) => rollBack(account.ports.base, 'site', id, version);
    await expect(back('acm')).rejects.toThrow(RollbackError);
    await expect(back('acm')).rejects.toThrow('has no earlier version that is valid now');
    await expect(back('nowhere')).rejects.toThrow('has no target "nowhere"');
  });
});

describe('An edge', () => {
  it('that serves the old certificate for a while is no failure', async () => {
    account = await startVirtualAccount({ edgeLags: true });
    await account.deploy([account.declaration('site', DOMAINS)]);
    account.interpreter.start('sweep', 'first', {});
    await account.virtual.advance(30 * MINUTE);
    expect(await target('acm')).not.toHaveProperty('failure');
    account.edge.catchUp();
    await account.live(HOUR);
    expect((await target('acm')).proven).toBe((await account.role('site')).version);
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('push'))).toEqual([]);
  });

  it('that never changes is told once, after two hours, and no certificate is ordered for it', async () => {
    account = await startVirtualAccount({ edgeLags: true });
    await account.deploy([account.declaration('site', DOMAINS)]);
    await account.live(2 * DAY, 30 * MINUTE);
    const { failure, pushedAt = 0 } = await target('acm');
    expect(failure).toMatchObject({ class: 'person', code: 'notServed' });
    expect((failure?.since ?? 0) - pushedAt).toBeGreaterThanOrEqual(2 * HOUR);
    expect(account.sns.messages().filter(({ subject }) => subject?.includes('push'))).toHaveLength(1);
    expect(account.ca.journal.issued).toHaveLength(1);
  });
});
