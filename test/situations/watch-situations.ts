import type { Situation } from './situation.ts';

/** What only the watch and the alarms can see. */
export const WATCH_SITUATIONS: readonly Situation[] = [
  {
    name: 'the schedule of the sweeps is disabled for good',
    play: async (world) => {
      world.sweeps = false;
      await world.liveUntilLeft(-5);
    },
    told: [],
  },
  {
    name: 'the schedule of the sweeps is disabled for five hours',
    play: async (world) => {
      world.sweeps = false;
      await world.live(5);
      world.sweeps = true;
      await world.live(5);
    },
    told: [],
  },
  {
    name: 'the watch is disabled for a day',
    play: async (world) => {
      world.watches = false;
      await world.live(24);
      world.watches = true;
      await world.live(5);
    },
    told: [],
  },
  {
    name: 'both are disabled',
    play: async (world) => {
      world.sweeps = false;
      world.watches = false;
      await world.live(24);
    },
    told: [],
  },
  {
    name: 'every sweep fails',
    play: async (world) => {
      const allow = world.refuse(({ handler, service }) => handler === 'find-due' && service === 'dynamodb');
      await world.live(12);
      allow();
      await world.live(6);
    },
    told: [],
  },
  {
    name: 'the watch cannot read the table for a day',
    play: async (world) => {
      const allow = world.refuse(({ handler, service }) => handler === 'watch' && service === 'dynamodb');
      await world.live(24);
      allow();
      await world.live(6);
    },
    told: [],
  },
  {
    name: 'nobody can read the table, until the certificate is at risk',
    play: async (world) => {
      const allow = world.refuse(({ service }) => service === 'dynamodb');
      await world.live(136);
      allow();
      await world.live(12);
    },
    told: [],
  },
  {
    name: 'the certificate is revoked',
    play: async (world) => {
      const [issued] = world.account.ca.control.certificates();
      world.account.ca.control.revoke(issued?.certId ?? '');
      await world.live(48);
    },
    told: [],
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
    told: [],
  },
  {
    name: 'ten certificates are late at once, because sweeps are off',
    play: async (world) => {
      const names = Array.from({ length: 10 }, (_, at) => `site-${at}`);
      const all = names.map((name) => world.account.declaration(name, [`${name}.example.test`]));
      await world.issue(world.site(), ...all);
      world.sweeps = false;
      await world.liveUntilLeft(20);
      world.sweeps = true;
      await world.live(8);
    },
    told: [],
  },
  {
    name: 'somebody who is to be told does not confirm',
    play: async (world) => {
      world.account.sns.subscribe(world.account.topicArn, 'email', 'ops@your.domain');
      await world.live(78);
      world.account.sns.confirm('ops@your.domain');
      await world.live(6);
    },
    told: [],
  },
  {
    name: 'somebody is subscribed and confirms at once',
    play: async (world) => {
      world.account.sns.subscribe(world.account.topicArn, 'email', 'ops@your.domain');
      world.account.sns.confirm('ops@your.domain');
      await world.live(24);
    },
    told: [],
  },
  {
    name: 'a TXT value cannot be removed for two days',
    play: async (world) => {
      await world.liveUntilLeft(85);
      const allow = world.refuse(({ handler, service }) => handler !== 'create-order' && service === 'route53' && handler !== 'poll-order');
      await world.live(48);
      allow();
      await world.live(30);
    },
    told: [],
  },
];
