import { resolveConfig } from '../../../infra/config/resolve.ts';
import { startCa } from '../../../local/ca/ca.ts';
import { demoConfig, ZONES } from '../../../local/demo/config.ts';
import { Follower } from '../../../local/demo/follower.ts';
import { Network } from '../../../local/demo/network.ts';
import { Stage, type StartedStage } from '../../../local/demo/stage.ts';
import { EMPTY_CONFIG, type EmbeddedOptions, startAccount } from '../../../local/embedded/account.ts';
import { synthesiseDefinitions } from '../../../local/embedded/definitions.ts';
import { VirtualTime } from '../../../local/embedded/virtual-time.ts';
import { sendTo } from '../../support/local-ca-send.ts';
import { checkedLogs } from '../../support/log-check.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const START = Date.UTC(2027, 0, 1);
const LONGEST_SCENE_MS = 3_600_000;

const definitions = synthesiseDefinitions(EMPTY_CONFIG);

/** The demo's stage in virtual time, with what a test breaks in its account. */
export async function startVirtualStage(sabotage: Partial<EmbeddedOptions> = {}): Promise<StartedStage> {
  const virtual = new VirtualTime(START);
  const random = seededRandom(1);
  const network = new Network(sendTo(() => ca));
  const follower = new Follower();
  const account = await startAccount({
    definitions,
    time: virtual,
    zones: ZONES,
    insyncAfterMs: 2_000,
    random,
    send: network.send,
    onEvent: follower.onEvent,
    ...sabotage,
    ...checkedLogs(sabotage),
  });
  const { now, sleep } = virtual.clock;
  const ca = await startCa({ port: false, now, sleep, random, resolver: account.dns.address });
  const { issuerRootsPem } = ca;
  const config = demoConfig({ ca: { ...ca, issuerRootsPem, rootPem: issuerRootsPem }, edgePort: account.edge.port });
  const inTurn = oneAfterTheOther();
  const time = {
    jump: (ms: number) => inTurn(() => virtual.advance(ms)),
    until: (done: () => boolean) => inTurn(() => virtual.runUntil(done, LONGEST_SCENE_MS)),
  };
  const stage = new Stage({ account, ca, network, follower, time, declarations: resolveConfig(config).declarations });
  const stop = async (): Promise<void> => {
    await account.stop();
    await ca.stop();
    virtual.dispose();
  };
  return { stage, stop };
}

/** Virtual time has one driver: scenes that are played side by side drive it in turn, each for all of them. */
function oneAfterTheOther(): (drive: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (drive) => {
    const next = last.then(drive);
    last = next.catch(() => undefined);
    return next;
  };
}
