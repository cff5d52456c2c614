/** A finding of a judge that is accepted, and why. */
export type VerdictException = { readonly finding: RegExp; readonly reason: string };

/** Of cfn-lint: rule id and message. */
export const CFN_LINT_EXCEPTIONS: readonly VerdictException[] = [
  {
    finding: /^W3005 '\w+' dependency already enforced by a 'GetAtt'/,
    reason: 'CDK names a dependency beside the reference that implies it; it does no harm.',
  },
];

/** Of parliament: issue, policy and detail. */
export const PARLIAMENT_EXCEPTIONS: readonly VerdictException[] = [
  {
    finding: /^RESOURCE_MISMATCH .*states:DescribeExecution.*express/,
    reason: 'Its table of Step Functions asks for the ARN of an express execution as well; these are standard ones.',
  },
  {
    finding: /^RESOURCE_STAR Perennial(Topic|Sealing)Key\w+ /,
    reason: 'In a key policy "*" means this key; that its account may administer it is what keeps it manageable.',
  },
];
