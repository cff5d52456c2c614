import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import type { Situation } from './situation.ts';

const FOREVER = Number.POSITIVE_INFINITY;

/** A CA that answers, refuses, is away. */
export const RENEWAL_SITUATIONS: readonly Situation[] = [
  {
    name: 'the first certificate is issued',
    fromNothing: true,
    play: async (world) => {
      await world.account.deploy([world.site()]);
      await world.live(6);
    },
    told: ['site has its first certificate', 'who is told, and what is watched'],
  },
  { name: 'a renewal works', play: (world) => world.live(100), told: [] },
  {
    name: 'the CA fails for three hours at the first order',
    fromNothing: true,
    play: async (world) => {
      const mend = world.breakCa();
      await world.account.deploy([world.site()]);
      await world.live(3);
      mend();
      await world.live(24);
    },
    told: [
      'site: renewal fails (newOrderUnanswered)',
      'who is told, and what is watched',
      'site has its first certificate',
      'site has recovered',
    ],
  },
  {
    name: 'the CA fails for a day of the renewal',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa();
      await world.live(24);
      mend();
      await world.live(24);
    },
    told: ['site: renewal fails (newOrderUnanswered)', 'site has recovered'],
  },
  {
    name: 'the CA fails until a sixth of the life is left',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa();
      await world.liveUntilLeft(20);
      mend();
      await world.live(24);
    },
    told: [
      'site: renewal fails (newOrderUnanswered)',
      'site is at risk',
      'alarm certificates-failing',
      'site has recovered',
      'alarm certificates-failing is over',
    ],
  },
  {
    name: 'the CA fails until the certificate has ended, and then works',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa();
      await world.liveUntilLeft(-10);
      mend();
      await world.live(12);
    },
    told: [
      'site: renewal fails (newOrderUnanswered)',
      'site is at risk',
      'alarm certificates-failing',
      'site: renewal fails and is urgent (newOrderUnanswered)',
      'alarm certificates-at-risk',
      'site has ended',
      'site has recovered',
      'alarm certificates-at-risk is over',
      'alarm certificates-failing is over',
    ],
  },
  {
    name: 'the CA asks to wait for twenty hours',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa(429, 'rateLimited', { 'retry-after': String(20 * 3600) });
      await world.live(8);
      mend();
      await world.live(40);
    },
    told: ['site: renewal fails (rateLimited)', 'site has recovered'],
  },
  {
    name: 'CAA forbids the CA, until a person changes it',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const mend = world.breakCa(403, 'caa');
      await world.live(30);
      mend();
      await world.live(30);
    },
    told: ['site: renewal fails (caa)', 'site has recovered'],
  },
  {
    name: 'the CA has new terms, to which nobody agrees for a day',
    play: async (world) => {
      await world.liveUntilLeft(85);
      world.account.ca.control.changeTerms('https://ca.localhost/terms/v2');
      await world.live(24);
      for (const { account } of world.account.ca.control.orders()) world.account.ca.control.agreeTerms(account);
      await world.live(30);
    },
    told: ['site: renewal fails (userActionRequired)', 'site has recovered'],
  },
  {
    name: 'the CA has lost the account',
    play: async (world) => {
      const [order] = world.account.ca.control.orders();
      world.account.ca.control.forgetAccount(order?.account ?? '');
      await world.live(100);
    },
    told: ['local had lost its account'],
  },
  {
    name: 'the CA has revoked the account',
    play: async (world) => {
      const [order] = world.account.ca.control.orders();
      world.account.ca.control.revokeAccount(order?.account ?? '');
      await world.liveUntilLeft(60);
    },
    told: ['site: renewal fails (unauthorized)'],
  },
  {
    name: 'the CA pauses the name',
    play: async (world) => {
      const [order] = world.account.ca.control.orders();
      world.account.ca.control.pause(order?.account ?? '', 'example.test');
      await world.liveUntilLeft(50);
      world.account.ca.control.unpause(order?.account ?? '', 'example.test');
      await world.live(30);
    },
    told: ['site: renewal fails (rateLimited)', 'site has recovered'],
  },
  {
    name: 'the clock of the CA is ten minutes behind',
    world: { caBehindMs: 600_000 },
    play: (world) => world.live(100),
    told: [],
  },
  {
    name: 'a step dies in the middle, three times',
    play: async (world) => {
      let deaths = 3;
      await world.liveUntilLeft(85);
      const live = world.refuse(({ service, operation }) => {
        const dies = deaths > 0 && service === 'acme' && operation.includes('challenge');
        if (dies) deaths -= 1;
        return dies;
      });
      await world.live(30);
      live();
    },
    told: [],
  },
  {
    name: 'the download of the certificate is garbled for an hour',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const placed = world.account.ca.faults.add({
        endpoint: 'certificate',
        fault: { kind: 'corrupt' },
        times: FOREVER,
      });
      await world.live(6);
      placed.remove();
      await world.live(24);
    },
    told: ['site: renewal fails (certificateRefused)', 'site has recovered'],
  },
  {
    name: 'a renewal that may be tried twenty times fast fails for ten hours',
    play: async (world) => {
      await world.account.deploy([
        world.site({ retry: { ...DEFAULT_RETRY, baseSeconds: 60, factor: 1, fastAttempts: 20 } }),
      ]);
      await world.liveUntilLeft(84);
      const mend = world.breakCa();
      await world.live(10);
      mend();
      await world.live(26);
    },
    told: ['site: renewal fails (newOrderUnanswered)', 'site has recovered'],
  },
];
