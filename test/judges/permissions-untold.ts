/** What could be taken from a policy without a case of the table noticing, and why it stays. */
export const UNTOLD: readonly { readonly without: RegExp; readonly why: string }[] = [
  {
    without: /^arn:\S+:function:\w+:1 for lambda:InvokeFunction$/,
    why: 'CDK grants the present version beside all versions, which running executions need; IAM needs only the latter.',
  },
];
