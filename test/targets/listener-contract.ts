import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect } from 'vitest';
import type { LoadBalancerTarget } from '../../lambdas/core/target-declaration.ts';
import { createLoadBalancerDriver } from '../../lambdas/targets/load-balancer.ts';
import { contract, type Judge } from '../support/contract.ts';
import { jobOf, twoVersions } from './target-job.ts';

/** Who plays Elastic Load Balancing, with an HTTPS listener and certificates in ACM. */
export type ListenerBench = {
  readonly client: ElasticLoadBalancingV2Client;
  readonly listenerArn: string;
  /** The default of the listener from the start. */
  readonly defaultArn: string;
  /** Another certificate that may be bound. */
  readonly otherArn: string;
};

async function noWork(): Promise<void> {}
const ROW = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

/** What the driver of listeners relies on, whoever plays Elastic Load Balancing. */
export function listenerContract(judge: Judge, open: () => Promise<ListenerBench>): void {
  const setUp = async (as: LoadBalancerTarget['as'], wrong = '') => {
    const bench = await open();
    const { client, otherArn } = bench;
    const listenerArn = bench.listenerArn + wrong;
    const target: LoadBalancerTarget = {
      id: 'one',
      kind: 'load-balancer',
      listenerArn,
      as,
      acm: 'acm',
      probe: 'control-plane',
    };
    const driver = createLoadBalancerDriver({ clientFor: () => client });
    const [version] = await twoVersions();
    const install = (arn = otherArn) => driver.install(jobOf(target, version, ROW, arn));
    const discard = (arn: string) => driver.discard?.(target, arn);
    const listed = async () => {
      const command = new DescribeListenerCertificatesCommand({ ListenerArn: listenerArn });
      const { Certificates = [] } = await client.send(command);
      return [...new Set(Certificates.map(({ CertificateArn }) => CertificateArn))];
    };
    const defaults = async () => {
      const { Listeners = [] } = await client.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
      return Listeners.flatMap(({ Certificates = [] }) => Certificates.map(({ CertificateArn }) => CertificateArn));
    };
    return { ...bench, install, discard, listed, defaults };
  };

  contract('The listener', judge, (it) => {
    it('has the certificate as its default instead of the one before', async () => {
      const { install, defaults, otherArn } = await setUp('default');
      expect(await install()).toEqual({ remoteId: otherArn, deployed: true });
      expect(await defaults()).toEqual([otherArn]);
    });

    it('has the certificate beside its default, which stays, and once', async () => {
      const { install, listed, defaults, defaultArn, otherArn } = await setUp('sni');
      await install();
      await install();
      expect((await listed()).sort()).toEqual([defaultArn, otherArn].sort());
      expect(await defaults()).toEqual([defaultArn]);
    });

    it('gives up a certificate beside its default, and says so twice', async () => {
      const { install, discard, listed, defaultArn, otherArn } = await setUp('sni');
      await install();
      expect(await discard(otherArn)).toBe(true);
      expect(await discard(otherArn)).toBe(true);
      expect(await listed()).toEqual([defaultArn]);
    });

    it('does not give up its default', async () => {
      const { discard, defaults, defaultArn } = await setUp('sni');
      expect(await discard(defaultArn)).toBe(false);
      expect(await defaults()).toEqual([defaultArn]);
    });

    it('that is not there is told with the field to correct', async () => {
      const { install } = await setUp('sni', '0');
      await expect(install()).rejects.toMatchObject({
        detail: {
          class: 'person',
          code: 'ListenerNotFoundException',
          message: expect.stringContaining('Correct listenerArn of the target "one"'),
        },
      });
    });

    it('has a certificate that it does not know tried again', async () => {
      const { install, otherArn } = await setUp('default');
      const unknown = otherArn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
      await expect(install(unknown)).rejects.toMatchObject({
        detail: { class: 'transient', code: 'CertificateNotFoundException' },
      });
    });
  });
}
