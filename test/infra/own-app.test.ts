import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { Perennial, resolveConfig } from '../../infra/index.ts';
import { CONFIG } from './fixtures.ts';

/** A stack of somebody's own app, with none of the switches that ours is synthesised with. */
function ownStack(): { readonly stack: Stack; readonly perennial: Perennial } {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'Network');
  new Topic(stack, 'Theirs');
  return { stack, perennial: new Perennial(stack, 'Certificates', { config: CONFIG, code: placeholderCode }) };
}

describe('Perennial in an app of its own user', () => {
  const { stack, perennial } = ownStack();
  const template = Template.fromStack(stack);
  const propertiesOf = (type: string) =>
    Object.values(template.findResources(type)).map(({ Properties }) => Properties as Record<string, unknown>);

  it('names its machines after the stack', () => {
    const names = propertiesOf('AWS::StepFunctions::StateMachine').map(({ StateMachineName }) => StateMachineName);
    expect(names.sort()).toEqual(['Network-push', 'Network-renewal', 'Network-settle', 'Network-sweep']);
  });

  it('hands out what is to be watched', () => {
    expect(stack.resolve(perennial.topic.topicArn)).toEqual({ Ref: expect.stringMatching(/^CertificatesTopic/) });
    expect(Object.keys(perennial.machines).sort()).toEqual(['push', 'renewal', 'settle', 'sweep']);
  });

  it('keeps every log for 90 days and nothing for ever', () => {
    const logs = propertiesOf('AWS::Logs::LogGroup');
    expect(logs.length).toBe(Object.keys(perennial.functions).length + Object.keys(perennial.machines).length);
    expect(new Set(logs.map(({ RetentionInDays }) => RetentionInDays))).toEqual(new Set([90]));
  });

  it('reserves no concurrency: a new account has ten executions in all', () => {
    for (const properties of propertiesOf('AWS::Lambda::Function')) {
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ReservedConcurren|ProvisionedConcurren/);
  });

  it.each([
    'AWS::DynamoDB::Table',
    'AWS::KMS::Key',
    'AWS::Lambda::Function',
    'AWS::IAM::Role',
    'AWS::Logs::LogGroup',
    'AWS::StepFunctions::StateMachine',
  ])('tags its own %s, and nothing that is not its own', (type) => {
    // The role that schedules share is the stack's.
    const own = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith('Certificates'));
    expect(own.length).toBeGreaterThan(0);
    for (const [, { Properties }] of own) {
      expect(Properties?.Tags).toContainEqual({ Key: 'application', Value: 'perennial' });
    }
    const [theirs] = Object.entries(template.findResources('AWS::SNS::Topic')).filter(([id]) =>
      id.startsWith('Theirs'),
    );
    expect(theirs?.[1].Properties?.Tags).toBeUndefined();
  });

  it('is one a stack, because of the names of its machines', () => {
    const { stack: full } = ownStack();
    expect(() => new Perennial(full, 'More', { config: CONFIG, code: placeholderCode })).toThrow(
      'Network/More: the stack Network has a Perennial already; put this one into a stack of its own',
    );
  });

  it('is exported by the package, and its example in the documentation takes what it is given', () => {
    const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(exports).toEqual({ '.': './infra/index.ts' });
    const config = { certificates: [], alerts: { email: ['operations@your.domain'] } };
    expect(resolveConfig(config).declarations).toEqual([]);
  });
});
