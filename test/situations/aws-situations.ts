import { roleKey } from '../../lambdas/core/rows.ts';
import { present } from '../../lambdas/store/condition.ts';
import { updateItem } from '../../lambdas/store/table.ts';
import { makeCertificate } from '../support/certificates.ts';
import { DAY } from '../support/virtual-account.ts';
import type { Situation } from './situation.ts';
import type { World } from './world.ts';

/** Somebody imports another certificate where Perennial's is. */
async function importOther(
  world: World,
  domains: readonly string[],
  notBefore: number,
  notAfter: number,
): Promise<void> {
  const other = await makeCertificate({ domains, notBefore: new Date(notBefore), notAfter: new Date(notAfter) });
  await world.account.acm.call('ImportCertificate', {
    CertificateArn: world.account.acm.certificates()[0]?.arn,
    Certificate: Buffer.from(other.leafPem),
    CertificateChain: Buffer.from(other.intermediatesPem),
    PrivateKey: Buffer.from(other.privateKeyPem),
  });
}

const calls =
  (service: string) =>
  (call: { readonly service: string }): boolean =>
    call.service === service;

/** What is missing or changed in the account. */
export const AWS_SITUATIONS: readonly Situation[] = [
  {
    name: 'Route 53 denies every change for a day',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const allow = world.refuse(calls('route53'));
      await world.live(24);
      allow();
      await world.live(30);
    },
    told: ['site: renewal fails (AccessDeniedException)', 'site has recovered'],
  },
  {
    name: 'the hosted zone is gone',
    play: async (world) => {
      for (const { id } of world.account.route53.zones) world.account.route53.deleteZone(id);
      await world.liveUntilLeft(60);
    },
    told: ['site: renewal fails (noHostedZone)'],
  },
  {
    name: 'KMS denies the key for a day',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const allow = world.refuse(calls('kms'));
      await world.live(24);
      allow();
      await world.live(30);
    },
    told: ['site: renewal fails (AccessDeniedException)', 'site has recovered'],
  },
  {
    name: 'the sealing key is disabled, and enabled a day later',
    play: async (world) => {
      await world.liveUntilLeft(85);
      world.account.kms.setKeyState(world.account.keyArn, 'Disabled');
      await world.live(24);
      world.account.kms.setKeyState(world.account.keyArn, 'Enabled');
      await world.live(30);
    },
    told: ['site: renewal fails (DisabledException)', 'site has recovered'],
  },
  {
    name: 'ACM denies every import for a day',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const allow = world.refuse(calls('acm'));
      await world.live(24);
      allow();
      await world.live(30);
    },
    told: ['site: push to acm fails (AccessDeniedException)', 'site: push to acm has recovered'],
  },
  {
    name: 'two targets of three cannot be pushed to for two days',
    play: async (world) => {
      const probe = 'control-plane' as const;
      const [acm] = world.site().targets;
      const buckets = ['one', 'two'].map(
        (id) => ({ id, kind: 's3', probe, bucket: `bucket-${id}`, prefix: '' }) as const,
      );
      for (const { bucket } of buckets) world.account.s3.createBucket(bucket);
      await world.account.deploy([world.site({ targets: acm ? [acm, ...buckets] : buckets })]);
      await world.live(2);
      world.forget();
      await world.liveUntilLeft(85);
      const allow = world.refuse(calls('s3'));
      await world.live(48);
      allow();
      await world.live(30);
    },
    told: [
      'site: push to one fails (AccessDeniedException)',
      'site: push to two fails (AccessDeniedException)',
      'site: push to one has recovered',
      'site: push to two has recovered',
    ],
  },
  {
    name: 'every target goes on serving the old certificate for a day',
    world: { edgeLags: true },
    play: async (world) => {
      await world.liveUntilLeft(60);
      world.account.edge.catchUp();
      await world.live(26);
    },
    told: ['site: push to acm fails (notServed)', 'site: push to acm has recovered'],
  },
  {
    name: 'every target serves the old certificate until it has ended',
    world: { edgeLags: true },
    play: async (world) => {
      await world.live(160);
    },
    told: [
      'site: push to acm fails (notServed)',
      'site is at risk',
      'site: push to acm fails and is urgent (notServed)',
      'alarm pushes-failing',
      'site has ended',
    ],
  },
  {
    name: 'somebody imports an older certificate over ours',
    play: async (world) => {
      await importOther(world, ['example.test'], world.now - 60 * DAY, world.now + 30 * DAY);
      await world.live(48);
    },
    told: [],
  },
  {
    name: 'somebody imports a newer certificate over ours',
    play: async (world) => {
      await importOther(world, ['example.test'], world.now, world.now + 90 * DAY);
      await world.live(60);
    },
    told: ['site: push to acm fails (newerInstalled)', 'alarm certificates-at-risk'],
  },
  {
    name: 'somebody deletes our certificate in ACM',
    play: async (world) => {
      const [held] = world.account.acm.certificates();
      await world.account.acm.call('DeleteCertificate', { CertificateArn: held?.arn });
      await world.live(48);
    },
    told: [],
  },
  {
    name: 'a row cannot be read',
    play: async (world) => {
      await world.liveUntilLeft(85);
      await updateItem(world.account.ports.base.table, roleKey('site'), { schema: 2 }, present('pk'));
      await world.live(30);
    },
    told: ['a row of site cannot be read'],
  },
  {
    name: 'the certificate is no longer declared and still served',
    play: async (world) => {
      await world.account.deploy([]);
      await world.live(170);
    },
    told: ['site ends on acm and is not renewed'],
  },
  {
    name: 'the certificate is declared with one name more',
    play: async (world) => {
      await world.account.deploy([world.account.declaration('site', ['example.test', 'www.example.test'])]);
      await world.live(12);
    },
    told: [],
  },
  {
    name: 'the topic is gone for half a day while a renewal fails',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa();
      world.account.sns.deleteTopic(world.account.topicArn);
      await world.live(12);
      world.account.sns.createTopic(world.account.topicArn.split(':').at(-1) ?? '');
      await world.live(6);
      mend();
      await world.live(24);
    },
    told: ['site: renewal fails (newOrderUnanswered)', 'site has recovered'],
  },
  {
    name: 'the event bus refuses events for half a day while a renewal fails',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa();
      const allow = world.refuse(({ service }) => service === 'events');
      await world.live(12);
      allow();
      await world.live(6);
      mend();
      await world.live(24);
    },
    told: ['site: renewal fails (newOrderUnanswered)', 'site has recovered'],
  },
];
