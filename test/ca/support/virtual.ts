import { type Ca, startCa } from '../../../local/ca/ca.ts';
import type { CaOptions } from '../../../local/ca/options.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { Stage, startWeb } from './stage.ts';
import { startZone } from './zone.ts';

/** A CA without sockets whose clock only moves when it is told to. */
export interface Virtual {
  readonly ca: Ca;
  readonly stage: Stage;
  now(): number;
  advance(ms: number): void;
  close(): Promise<void>;
}

export const SECOND = 1000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Starts one at noon of 1 December 2026. */
export async function startVirtual(options: CaOptions = {}): Promise<Virtual> {
  let at = Date.UTC(2026, 11, 1, 12);
  const zone = await startZone();
  const web = await startWeb();
  const ca = await startCa({
    resolver: zone.address,
    httpPort: web.port,
    now: () => at,
    random: seededRandom(1),
    sleep: async (ms) => {
      at += ms;
    },
    port: false,
    ...options,
  });
  const stage = new Stage({ ...ca, inProcess: ca.handle }, zone, web, 'v');
  return {
    ca,
    stage,
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
    close: async () => {
      await ca.stop();
      await stage.close();
    },
  };
}
