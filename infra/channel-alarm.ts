import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { alarmNameIn, channelAlarmName } from './alarm-table.ts';
import type { ChannelParts } from './channels.ts';

/** Tells those who are told by SNS that a channel has given messages up, as long as they lie among its dead letters. */
export function createChannelAlarm({ declaration, deadLetters }: ChannelParts, alerts: Topic): Alarm {
  const { name } = declaration;
  const alarm = new Alarm(deadLetters.node.scope ?? deadLetters, 'Alarm', {
    alarmName: alarmNameIn(Stack.of(deadLetters).stackName, channelAlarmName(name)),
    alarmDescription: `The channel ${name} has not taken messages. Each is in the queue of its dead letters, with the reason as an attribute; mend it, then purge the queue.`,
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(5),
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(alerts));
  return alarm;
}
