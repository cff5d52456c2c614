import { setTimeout as pause } from 'node:timers/promises';
import { resolveConfig } from '../../infra/config/resolve.ts';
import { createHttpsSend } from '../../lambdas/acme/http.ts';
import { EMPTY_CONFIG, startAccount } from '../embedded/account.ts';
import { synthesiseDefinitions } from '../embedded/definitions.ts';
import { RealTime } from '../embedded/time.ts';
import { type AuthorityName, startAuthority } from './authority.ts';
import { demoConfig, ZONES } from './config.ts';
import { Follower } from './follower.ts';
import { Network } from './network.ts';
import { Stage, type StageTime, type StartedStage } from './stage.ts';

/** Route 53 says PENDING for so long, milliseconds: less than the shortest Wait, so that nobody waits for it. */
const INSYNC_MS = 2_000;
/** No run of the demo takes half as long. Milliseconds. */
const PATIENCE_MS = 45_000;
const LOOK_MS = 20;

/** Synthesises the stack and starts an account with it, and a CA, in real time. */
export async function startRealStage(caName: AuthorityName): Promise<StartedStage> {
  const time = new RealTime();
  const https = createHttpsSend();
  const network = new Network(https.send);
  const follower = new Follower();
  const definitions = synthesiseDefinitions(EMPTY_CONFIG);
  const account = await startAccount({
    definitions,
    time,
    zones: ZONES,
    insyncAfterMs: INSYNC_MS,
    send: network.send,
    onEvent: follower.onEvent,
  });
  const stop = async (): Promise<void> => {
    https.close();
    await account.stop();
  };
  try {
    const ca = await startAuthority(caName, { resolver: account.dns.address, now: () => time.clock.now() });
    const { declarations } = resolveConfig(demoConfig({ ca, edgePort: account.edge.port }));
    const stage = new Stage({ account, ca, network, follower, declarations, time: realStageTime(time) });
    return { stage, stop: async () => void (await Promise.all([stop(), ca.stop()])) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function realStageTime(time: RealTime): StageTime {
  return {
    jump: async (ms) => time.jump(ms),
    until: async (done, what) => {
      const giveUpAt = performance.now() + PATIENCE_MS;
      while (!done()) {
        if (performance.now() > giveUpAt)
          throw new Error(`after ${PATIENCE_MS / 1000} seconds still waiting for ${what}`);
        await pause(LOOK_MS);
      }
    },
  };
}
