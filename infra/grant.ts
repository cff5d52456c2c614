import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** One row of a policy: what is allowed on what, and when. Data, so that it can be listed and judged. */
export type Grant = {
  /** `service:Action`. */
  readonly actions: readonly string[];
  /** ARNs and patterns, or `*` where AWS knows no resource. */
  readonly resources: readonly string[];
  /** Operator to condition key to values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};

/** A grant of actions of one service. */
export function grant(
  service: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Grant['conditions'],
): Grant {
  return { actions: actions.map((action) => `${service}:${action}`), resources, ...(conditions && { conditions }) };
}

/** The policy statement of a grant. */
export function statementOf({ actions, resources, conditions }: Grant): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions && { conditions }),
  });
}
