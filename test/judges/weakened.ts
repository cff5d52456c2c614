import type { Policy, Statement } from './policies.ts';

/** A policy with one thing of it taken away. */
export type Weakened = { readonly without: string; readonly policy: Policy };

/** Every policy that lacks one action, one resource or one condition of this one. */
export function weakenedPolicies(policy: Policy): readonly Weakened[] {
  return policy.Statement.flatMap((statement, index) =>
    weakenedStatements(statement).map(({ without, statement: weaker }) => ({
      without,
      policy: {
        ...policy,
        Statement: [
          ...policy.Statement.slice(0, index),
          ...(weaker === undefined ? [] : [weaker]),
          ...policy.Statement.slice(index + 1),
        ],
      },
    })),
  );
}

type WeakenedStatement = { readonly without: string; readonly statement: Statement | undefined };

function weakenedStatements(statement: Statement): readonly WeakenedStatement[] {
  const actions = listOf(statement.Action);
  const resources = listOf(statement.Resource ?? []);
  return [
    ...actions.map((action) => ({
      without: `${action} on ${resources.join(', ')}`,
      statement: rest(actions, action, (Action) => ({ ...statement, Action })),
    })),
    ...(resources.length < 2 ? [] : resources).map((resource) => ({
      without: `${resource} for ${actions.join(', ')}`,
      statement: rest(resources, resource, (Resource) => ({ ...statement, Resource })),
    })),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.keys(keys).map((key) => ({
        without: `the condition ${key} of ${actions.join(', ')}`,
        statement: { ...statement, Condition: withoutKey(statement.Condition ?? {}, operator, key) },
      })),
    ),
  ];
}

function rest(
  all: readonly string[],
  one: string,
  make: (left: readonly string[]) => Statement,
): Statement | undefined {
  const left = all.filter((each) => each !== one);
  return left.length === 0 ? undefined : make(left);
}

function withoutKey(
  condition: NonNullable<Statement['Condition']>,
  operator: string,
  key: string,
): NonNullable<Statement['Condition']> {
  const left = Object.fromEntries(Object.entries(condition[operator] ?? {}).filter(([each]) => each !== key));
  const others = Object.fromEntries(Object.entries(condition).filter(([each]) => each !== operator));
  return Object.keys(left).length === 0 ? others : { ...others, [operator]: left };
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
