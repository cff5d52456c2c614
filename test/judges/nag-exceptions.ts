/** A finding of cdk-nag's AwsSolutions rules that is accepted, and why. */
export type NagException = {
  /** Of the finding's id, without `AwsSolutions-`. */
  readonly finding: RegExp;
  readonly reason: string;
};

/** Every accepted finding. One that nothing reports any more is refused, so that the list stays short. */
export const NAG_EXCEPTIONS: readonly NagException[] = [
  {
    finding: /^SF1$/,
    reason:
      'A Standard execution keeps its whole history for 90 days; a second copy of every event in CloudWatch Logs would cost more than the runs themselves.',
  },
  {
    finding: /^SF2$/,
    reason:
      'Steps call nothing of each other: the execution history shows each call and its time, X-Ray would add nothing.',
  },
  {
    finding: /^DDB3$/,
    reason:
      'What the watch remembers may be lost: at worst it tells once more. The one table, where nothing may be lost, has backups.',
  },
  {
    finding: /^IAM5\[Action::kms:GenerateDataKey\*\]$/,
    reason: 'What CDK grants to publishers of an encrypted topic: data keys of the one key of the alerts.',
  },
  {
    finding: /^IAM5\[Resource::<Perennial\w+Function\w+\.Arn>:\*\]$/,
    reason:
      'A running execution calls the version of a Lambda that it was defined with, and only its own Lambdas; their old versions are deleted.',
  },
  {
    finding:
      /^IAM5\[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:Perennial-\w+:\*\]$/,
    reason: 'The names of executions are not known before they run; the machine is.',
  },
  {
    finding: /^IAM5\[Resource::arn:<AWS::Partition>:acm:.+:<AWS::AccountId>:certificate\/\*\]$/,
    reason: 'ACM makes up the ARN of a certificate when it is imported first.',
  },
  {
    finding: /^IAM5\[Resource::arn:<AWS::Partition>:route53:::hostedzone\/\*\]$/,
    reason:
      'Where no zones are declared any zone may hold a name; conditions allow nothing but TXT values of ACME challenges.',
  },
  {
    finding: /^IAM5\[Resource::arn:<AWS::Partition>:route53:::change\/\*\]$/,
    reason: 'Route 53 makes up the id of a change.',
  },
  {
    finding: /^IAM5\[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter\/perennial\/\*\]$/,
    reason: 'One parameter a certificate and target, below a prefix that is the stack’s own.',
  },
  {
    finding: /^IAM5\[Resource::\*\]$/,
    reason: 'Lists of ACM and Route 53, which know no resource.',
  },
];
