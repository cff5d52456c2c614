import { BOULDER_HABITS, RFC_HABITS } from '../../local/ca/habits.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import { HOUR, MINUTE } from '../support/virtual-account.ts';
import type { Chance } from './chance.ts';

/** A certificate of a scenario: the sets of names it may be declared with. */
export type Site = {
  readonly name: string;
  readonly keyType: 'ecdsa-p256' | 'ecdsa-p384';
  /** Another certificate has the same names: a handshake could show either. */
  readonly shared: boolean;
  readonly variants: readonly (readonly string[])[];
};

/** What one seed plays. */
export type Scenario = {
  readonly sites: readonly Site[];
  /** Chance of a fault, each call. */
  readonly faults: number;
  /** Chances of what happens in a quarter of an hour. */
  readonly doubled: number;
  readonly stopped: number;
  readonly deployed: number;
  /** Quarters of an hour in which all of it may happen, at first issue and, where there is one, at a renewal. */
  readonly quarters: readonly number[];
  /** How far a Lambda's clock may be from the truth, milliseconds. */
  readonly skewMs: number;
  readonly indexLagMs: number;
  readonly insyncAfterMs: number;
  /** How long a name server does not show what Route 53 has, milliseconds. */
  readonly dnsLagMs: number;
  readonly ca: Pick<CaOptions, 'finalize' | 'validationMs' | 'habits' | 'retryAfter'>;
};

const SITES: readonly Site[] = [
  {
    name: 'shop',
    keyType: 'ecdsa-p256',
    shared: true,
    variants: [['shop.example.test'], ['shop.example.test', 'www.shop.example.test'], ['new.example.test']],
  },
  // The same names as the one above, with another key: both go through one slot.
  { name: 'shop-p384', keyType: 'ecdsa-p384', shared: true, variants: [['shop.example.test'], ['new.example.test']] },
  {
    name: 'wild',
    keyType: 'ecdsa-p256',
    shared: false,
    variants: [['*.wild.example.test', 'wild.example.test'], ['wild.example.test']],
  },
];

/** Draws a scenario. */
export function drawScenario(chance: Chance): Scenario {
  const quiet = chance.happens(0.1);
  return {
    sites: SITES.slice(0, chance.among([1, 1, 2, 2, 3])),
    faults: quiet ? 0 : chance.among([0.003, 0.01, 0.03]),
    doubled: chance.among([0, 0.1, 0.4]),
    stopped: chance.among([0, 0.1, 0.3]),
    deployed: chance.among([0, 0, 0.15, 0.3]),
    quarters: chance.happens(0.3) ? [chance.between(1, 3), chance.between(1, 3)] : [chance.between(2, 6)],
    skewMs: chance.among([0, 0, 500, 2_000]),
    indexLagMs: chance.among([0, 200, 5_000]),
    insyncAfterMs: chance.among([0, 3_000, 45_000]),
    dnsLagMs: chance.among([0, 0, 0, 30_000, 5 * MINUTE]),
    ca: {
      finalize: {
        processingMs: chance.among([
          0,
          0,
          0,
          0,
          1_500,
          1_500,
          30_000,
          30_000,
          10 * MINUTE,
          10 * MINUTE,
          10 * MINUTE,
          HOUR,
        ]),
        acceptMs: chance.among([0, 40]),
      },
      validationMs: chance.among([0, 2_000, 20_000]),
      habits: chance.among([RFC_HABITS, BOULDER_HABITS]),
      retryAfter: { order: chance.among([0, 3, 20]), form: 'either' },
    },
  };
}
