import type { Situation } from './situation.ts';

/** What only the watch and the alarms can see. */
export const WATCH_SITUATIONS: readonly Situation[] = [
  {
    name: 'the schedule of the sweeps is disabled for good',
    play: async (world) => {
      world.sweeps = false;
      await world.liveUntilLeft(-5);
    },
    told: [
      'alarm sweep-missing',
      'site is at risk',
      'site is at risk and urgent',
      'alarm certificates-at-risk',
      'site has ended',
    ],
  },
  {
    name: 'the schedule of the sweeps is disabled for five hours',
    play: async (world) => {
      world.sweeps = false;
      await world.live(5);
      world.sweeps = true;
      await world.live(5);
    },
    told: ['alarm sweep-missing', 'alarm sweep-missing is over'],
  },
  {
    name: 'the watch is disabled for a day',
    play: async (world) => {
      world.watches = false;
      await world.live(24);
      world.watches = true;
      await world.live(5);
    },
    told: ['alarm watch-missing', 'alarm watch-missing is over'],
  },
  {
    name: 'both are disabled',
    play: async (world) => {
      world.sweeps = false;
      world.watches = false;
      await world.live(24);
    },
    told: ['alarm sweep-missing', 'alarm watch-missing'],
  },
  {
    name: 'every sweep fails',
    play: async (world) => {
      const allow = world.refuse(({ handler, service }) => handler === 'find-due' && service === 'dynamodb');
      await world.live(12);
      allow();
      await world.live(6);
    },
    told: ['alarm sweep-missing', 'alarm sweep-missing is over'],
  },
  {
    name: 'the watch cannot read the table for a day',
    play: async (world) => {
      const allow = world.refuse(({ handler, service }) => handler === 'watch' && service === 'dynamodb');
      await world.live(24);
      allow();
      await world.live(6);
    },
    told: ['the watch cannot read the table', 'the watch reads the table again'],
  },
  {
    name: 'nobody can read the table, until the certificate is at risk',
    play: async (world) => {
      const allow = world.refuse(({ service }) => service === 'dynamodb');
      await world.live(140);
      allow();
      await world.live(12);
    },
    told: [
      'the watch cannot read the table',
      'alarm sweep-missing',
      'site is at risk',
      'the watch reads the table again',
      'site is safe again',
      'alarm sweep-missing is over',
    ],
  },
  {
    name: 'the certificate is revoked',
    play: async (world) => {
      const [issued] = world.account.ca.control.certificates();
      world.account.ca.control.revoke(issued?.certId ?? '');
      await world.live(48);
    },
    told: ['site was revoked and is still served', 'site is safe again'],
  },
  {
    name: 'the host cannot be reached for an hour',
    play: async (world) => {
      world.account.edge.setDown(true);
      await world.live(1);
      world.account.edge.setDown(false);
      await world.live(30);
    },
    told: [],
  },
  {
    name: 'the host cannot be reached for two days',
    play: async (world) => {
      world.account.edge.setDown(true);
      await world.live(48);
      world.account.edge.setDown(false);
      await world.live(6);
    },
    told: [
      'site: push to acm fails (notServed)',
      'alarm certificates-at-risk',
      'alarm certificates-at-risk is over',
      'site: push to acm has recovered',
    ],
  },
  {
    name: 'ten certificates are late at once, because sweeps are off',
    play: async (world) => {
      const names = Array.from({ length: 10 }, (_, at) => `site-${at}`);
      const all = names.map((name) => world.account.declaration(name, [`${name}.example.test`]));
      await world.issue(world.site(), ...all);
      world.sweeps = false;
      await world.liveUntilLeft(14);
      world.sweeps = true;
      await world.live(8);
    },
    told: [
      'alarm sweep-missing',
      'site is at risk',
      '10 certificates need a look',
      '11 certificates are safe again',
      'alarm sweep-missing is over',
    ],
  },
  {
    name: 'somebody who is to be told does not confirm',
    play: async (world) => {
      world.account.sns.subscribe(world.account.topicArn, 'email', 'ops@your.domain');
      await world.live(78);
      world.account.sns.confirm('ops@your.domain');
      await world.live(6);
    },
    told: [
      'who is told has changed',
      'alarm subscriptions-unconfirmed',
      'who is told has changed',
      'alarm subscriptions-unconfirmed is over',
    ],
  },
  {
    name: 'somebody is subscribed and confirms at once',
    play: async (world) => {
      world.account.sns.subscribe(world.account.topicArn, 'email', 'ops@your.domain');
      world.account.sns.confirm('ops@your.domain');
      await world.live(24);
    },
    told: ['who is told has changed'],
  },
  {
    name: 'a TXT value cannot be removed for two days',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const allow = world.refuse(
        ({ handler, service }) => handler !== 'create-order' && service === 'route53' && handler !== 'poll-order',
      );
      await world.live(48);
      allow();
      await world.live(30);
    },
    told: [
      'example.test: clean-up fails (AccessDeniedException)',
      'alarm dns-left-over',
      'example.test: clean-up has recovered',
      'alarm dns-left-over is over',
    ],
  },
];
