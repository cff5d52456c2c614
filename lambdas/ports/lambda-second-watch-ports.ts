import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import { listSubscriptions } from '../alerts/subscriptions.ts';
import { WATCH_LIST_FILE } from '../core/watch-list.ts';
import type { SecondWatchPorts } from '../steps/ports.ts';
import { createHandshakes } from '../targets/handshakes.ts';
import { createRevocationLists } from '../targets/revocation-lists.ts';
import { systemClock } from './clock.ts';
import { requireEnv } from './environment.ts';
import { createFleetMetrics } from './fleet-metrics.ts';
import { createHeartbeats, HEARTBEAT_SETTINGS } from './heartbeats.ts';
import { fetchList } from './http-list.ts';
import { lambdaLog } from './lambda-log.ts';
import { watchFile } from './watch-file.ts';

/** The ports of the second watch, in its Lambda. */
export function lambdaSecondWatchPorts(): SecondWatchPorts {
  const sns = new SNSClient({});
  const topicArn = requireEnv('TOPIC_ARN');
  return {
    clock: systemClock,
    log: lambdaLog(),
    readList: watchFile(new URL(WATCH_LIST_FILE, import.meta.url)),
    handshakes: createHandshakes(),
    revocations: createRevocationLists({ fetchList, now: systemClock.now }),
    metrics: createFleetMetrics(requireEnv('STACK_NAME')),
    listSubscriptions: () => listSubscriptions(sns, topicArn),
    readHeartbeats: createHeartbeats(
      new CloudWatchClient({ region: requireEnv('WATCHED_REGION'), ...HEARTBEAT_SETTINGS }),
      systemClock,
      {
        stackName: requireEnv('WATCHED_STACK'),
        sweepMachineArn: requireEnv('SWEEP_MACHINE_ARN'),
        sweepsWithinMs: Number(requireEnv('SWEEPS_WITHIN_SECONDS')) * 1000,
        watchesWithinMs: Number(requireEnv('WATCHES_WITHIN_SECONDS')) * 1000,
      },
    ),
  };
}
