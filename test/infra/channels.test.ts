import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import type { ChannelDeclaration } from '../../lambdas/core/channel-declaration.ts';
import { CONFIG } from './fixtures.ts';

const LONGEST: readonly ChannelDeclaration[] = Array.from({ length: 8 }, (_, at) => ({
  name: `${'n'.repeat(31)}${at}`,
  type: 'telegram',
  secretName: 's'.repeat(128),
  chatId: '-10012345678901234567',
}));

function templateOf(channels: readonly ChannelDeclaration[] = CONFIG.alerts.channels ?? []): Template {
  const app = new App({ context: { ...FEATURE_FLAGS }, builtinCloudFormationValidation: false });
  const config = { ...CONFIG, alerts: { ...CONFIG.alerts, channels } };
  return Template.fromStack(new PerennialStack(app, 'Perennial', { config, code: placeholderCode }));
}

describe('The channels of the stack', () => {
  const template = templateOf();

  it('have a FIFO queue each, encrypted, with dead letters that are kept for two weeks', () => {
    template.resourceCountIs('AWS::SQS::Queue', 6);
    template.allResourcesProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
    });
    template.resourcePropertiesCountIs(
      'AWS::SQS::Queue',
      {
        ContentBasedDeduplication: true,
        VisibilityTimeout: 360,
        RedrivePolicy: { maxReceiveCount: 50, deadLetterTargetArn: Match.anyValue() },
      },
      3,
    );
  });

  it('are emptied one message at a time by one version of one Lambda, which says what it has not done', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 3);
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FunctionName: {
        'Fn::Join': [
          '',
          [
            { Ref: Match.stringLikeRegexp('^PerennialDeliverAlertFunction') },
            ':',
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^PerennialDeliverAlertFunctionCurrentVersion'), 'Version'] },
          ],
        ],
      },
    });
  });

  it('are filled in order with what people are told by this stack, and by no other of the account', () => {
    const rules = template.findResources('AWS::Events::Rule', {
      Properties: { EventPattern: { source: ['perennial'] } },
    });
    expect(Object.keys(rules)).toHaveLength(4);
    for (const { Properties } of Object.values(rules)) {
      expect(Properties.EventPattern.resources).toEqual([{ Ref: expect.stringMatching(/^PerennialTopic/) }]);
      expect(Properties.Targets).toEqual([
        {
          Id: 'Target0',
          Arn: expect.anything(),
          SqsParameters: { MessageGroupId: 'alerts' },
          InputTransformer: expect.anything(),
        },
      ]);
    }
    const patterns = Object.values(rules).map(({ Properties: { EventPattern } }) => [
      EventPattern['detail-type'],
      EventPattern.detail,
    ]);
    expect(patterns.filter(([types]) => types === undefined).map(([, detail]) => detail)).toEqual(
      Array(3).fill({ notify: [true] }),
    );
  });

  it('end incidents even where people are told of the end otherwise', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'detail-type': Match.arrayWith(['certificate.recovered', 'certificate.safe-again']),
        detail: { notify: [false] },
      },
    });
  });

  it('of Amazon Q have a topic, encrypted by the key of the alerts, that the stack tells the ARN of', () => {
    const topics = Object.values(template.findResources('AWS::SNS::Topic'));
    expect(topics).toHaveLength(2);
    const [one, other] = topics.map(({ Properties }) => JSON.stringify(Properties.KmsMasterKeyId));
    expect(one).toBe(other);
    template.hasOutput('ChannelQTopicArn', { Value: { Ref: Match.stringLikeRegexp('^PerennialChannels') } });
  });

  it('tell by the topic of the alerts while something lies among their dead letters', () => {
    template.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      {
        AlarmActions: [{ Ref: Match.stringLikeRegexp('^PerennialTopic') }],
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [
          { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'QueueName'] } },
        ],
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      },
      3,
    );
  });

  it('have no secret in the template but by name', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: { CHANNELS: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('perennial/slack')])] } },
      },
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:secretsmanager');
  });

  it('fit into a Lambda’s environment of 4 KB at their longest', () => {
    const functions = Object.values(templateOf(LONGEST).findResources('AWS::Lambda::Function'));
    const found = functions.find(({ Properties }) => Properties.Environment.Variables.CHANNELS !== undefined);
    const { CHANNELS, ...rest } = found?.Properties.Environment.Variables ?? {};
    const url = `https://sqs.ap-southeast-2.amazonaws.com/123456789012/${'q'.repeat(80)}`;
    const value = CHANNELS['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : url)).join('');
    expect(JSON.parse(value)).toHaveLength(8);
    expect(Buffer.byteLength(`CHANNELS${value}${JSON.stringify(rest)}`)).toBeLessThan(4096);
  });

  it('leave nothing where there are none', () => {
    const none = templateOf([]);
    none.resourceCountIs('AWS::SQS::Queue', 0);
    none.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    // That of executions, and that of alarms that are over.
    none.resourceCountIs('AWS::Events::Rule', 2);
    none.resourceCountIs('AWS::SNS::Topic', 1);
  });
});
