/** Name of the SSM parameter that holds the ARN of a target's certificate. */
export function arnParameterName(
  prefix: string,
  { certificate, target }: { readonly certificate: string; readonly target: string },
): string {
  return `${prefix}/${certificate}/${target}/arn`;
}

/** What the parameters' names of a stack begin with: two stacks in one account and region do not collide. */
export function parameterPrefix(stackName: string): string {
  return `/${stackName.toLowerCase()}`;
}
