import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { certificateArn } from '../../infra/certificate-arn.ts';

type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
};

function synthesise(use: (stack: Stack) => void): Readonly<Record<string, Resource>> {
  const app = new App({ builtinCloudFormationValidation: false } as never);
  const stack = new Stack(app, 'Shop');
  use(stack);
  return app.synth().getStackByName('Shop').template.Resources;
}

const ofType = (resources: Readonly<Record<string, Resource>>, type: string) =>
  Object.values(resources).filter(({ Type }) => Type === type);

describe('certificateArn', () => {
  const resources = synthesise((stack) => {
    for (const [at, [name, target, stackName]] of [
      ['site', 'acm', 'Perennial'],
      ['site', 'acm', 'Perennial'],
      ['site', 'acm-us-east-1', 'Perennial'],
      ['other', 'acm', 'Perennial-Test'],
    ].entries()) {
      const arn = certificateArn(stack, name ?? '', target, { stackName: stackName ?? '' });
      new CfnOutput(stack, `Arn${at}`, { value: arn });
    }
  });

  it('is one custom resource an ARN, with a Lambda for all, that waits as long as CloudFormation allows', () => {
    const arns = ofType(resources, 'Custom::PerennialCertificateArn').map(({ Properties }) => Properties);
    expect(arns.map(({ parameter }) => parameter)).toEqual([
      '/perennial/site/acm/arn',
      '/perennial/site/acm-us-east-1/arn',
      '/perennial-test/other/acm/arn',
    ]);
    for (const properties of arns) expect(properties).toMatchObject({ ServiceTimeout: '3600' });
    expect(ofType(resources, 'AWS::Lambda::Function')).toMatchObject([
      { Properties: { Timeout: 900, MemorySize: 128 } },
    ]);
  });

  it('may read the parameters of these stacks, invoke itself and write its log, and nothing else', () => {
    const statements = ofType(resources, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
      const { PolicyDocument } = Properties as {
        readonly PolicyDocument: {
          readonly Statement: readonly { readonly Action: unknown; readonly Resource: unknown }[];
        };
      };
      return PolicyDocument.Statement;
    });
    expect([...new Set(statements.flatMap(({ Action }) => Action))].sort()).toEqual([
      'lambda:InvokeFunction',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'ssm:GetParameter',
    ]);
    const read = statements
      .filter(({ Action }) => Action === 'ssm:GetParameter')
      .map(({ Resource }) => JSON.stringify(Resource));
    expect(read).toEqual([
      expect.stringContaining(':parameter/perennial/*'),
      expect.stringContaining(':parameter/perennial-test/*'),
    ]);
  });

  it('begins to wait only when it may invoke itself', () => {
    for (const { DependsOn } of ofType(resources, 'Custom::PerennialCertificateArn'))
      expect(DependsOn?.some((id) => /GoOn/.test(id))).toBe(true);
  });
});
