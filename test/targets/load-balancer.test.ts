import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import type { LoadBalancerTarget } from '../../lambdas/core/target-declaration.ts';
import { createLoadBalancerDriver } from '../../lambdas/targets/load-balancer.ts';
import { LoadBalancingAccount } from '../../local/aws/elbv2.ts';
import { AcmBeside } from './acm-beside.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { CLIENT_SETTINGS, PLACE, StageCalls } from './stage.ts';
import { jobOf, twoVersions } from './target-job.ts';

type Stage = TargetStage<LoadBalancerTarget> & { readonly account: LoadBalancingAccount; readonly acm: AcmBeside };

const OTHERS = 'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000';

const makeStage =
  (as: 'default' | 'sni', protocol: 'HTTPS' | 'TLS' | 'HTTP' = 'HTTPS') =>
  (): Stage => {
    const acm = new AcmBeside();
    const account = new LoadBalancingAccount({ ...PLACE, knows: (arn) => acm.knows(arn), pageSize: 1 });
    const calls = new StageCalls();
    const client = calls.connect(new ElasticLoadBalancingV2Client(CLIENT_SETTINGS), account);
    const listenerArn = account.createListener(protocol, protocol === 'HTTP' ? undefined : OTHERS);
    const served = () => account.served(listenerArn).filter((arn) => arn !== OTHERS);
    return {
      account,
      acm,
      driver: createLoadBalancerDriver({ clientFor: () => client }),
      target: { id: 'one', kind: 'load-balancer', listenerArn, as, acm: 'acm', probe: 'control-plane' },
      setAround: (around) => calls.setAround(around),
      writes: () => calls.writes(),
      held: async () => acm.held(served().at(-1)),
      objects: () => served().length,
      certificateArn: (version) => acm.hold(version),
    };
  };

describeTarget('The default certificate of a listener', makeStage('default'), { bindsOnce: true });
describeTarget('A certificate beside the default of a listener', makeStage('sni', 'TLS'), { bindsOnce: true });

async function noWork(): Promise<void> {}
const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

it('An ARN that was superseded is taken out of the list of a listener, and the default never', async () => {
  const { account, acm, driver, target } = makeStage('sni')();
  const [older, newer] = await twoVersions();
  const [first, second] = [await acm.hold(older), await new AcmBeside().hold(newer)];
  await driver.install(jobOf(target, older, row, first));
  expect(await driver.discard?.(target, first)).toBe(true);
  expect(account.served(target.listenerArn)).toEqual([OTHERS]);
  expect(await driver.discard?.(target, second)).toBe(true);
  expect(await driver.discard?.(target, OTHERS)).toBe(false);
});

it('A listener without TLS is told before anything is written', async () => {
  const { acm, driver, target, writes } = makeStage('sni', 'HTTP')();
  const [version] = await twoVersions();
  await expect(driver.install(jobOf(target, version, row, await acm.hold(version)))).rejects.toMatchObject({
    detail: {
      class: 'person',
      code: 'listenerPlain',
      message: expect.stringContaining('Name an HTTPS or TLS listener'),
    },
  });
  expect(writes()).toBe(0);
});

it('A listener that is gone is told with the field to correct', async () => {
  const { acm, driver, target } = makeStage('sni')();
  const [version] = await twoVersions();
  const gone = { ...target, listenerArn: `${target.listenerArn}0` };
  await expect(driver.install(jobOf(gone, version, row, await acm.hold(version)))).rejects.toMatchObject({
    detail: { class: 'person', message: expect.stringContaining('Correct listenerArn of the target "one"') },
  });
});

it('A certificate that the load balancer does not see yet is tried again', async () => {
  const { driver, target } = makeStage('sni')();
  const [version] = await twoVersions();
  const unseen = await new AcmBeside().hold(version);
  await expect(driver.install(jobOf(target, version, row, unseen))).rejects.toMatchObject({
    detail: { class: 'transient', code: 'CertificateNotFoundException' },
  });
});
