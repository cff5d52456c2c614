import type { Definitions } from '../../local/embedded/definitions.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { resolveValue } from '../../local/embedded/template-values.ts';
import { CONFIG } from './fixtures.ts';

/** One synth for the tests of a file. */
export const definitions: Definitions = synthesiseDefinitions(CONFIG);

/** Resources of one type, by logical id, intrinsic functions left in place. */
export function resourcesOf(type: string, from = definitions): Readonly<Record<string, Record<string, unknown>>> {
  const found = Object.entries(from.resources).filter(([, { Type }]) => Type === type);
  return Object.fromEntries(found.map(([id, resource]) => [id, { ...resource }]));
}

/** A statement of a policy, resolved. */
export type Statement = {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
};

/** The statements of the policies attached to the role whose logical id begins with `role`. */
export function statementsOf(role: string, from = definitions): readonly Statement[] {
  const policies = Object.values(resourcesOf('AWS::IAM::Policy', from)).filter((policy) => {
    const { Roles } = policy.Properties as { readonly Roles: readonly { readonly Ref: string }[] };
    return Roles.some(({ Ref }) => Ref.startsWith(role));
  });
  return policies.flatMap((policy) => {
    const { PolicyDocument } = policy.Properties as {
      readonly PolicyDocument: { readonly Statement: readonly object[] };
    };
    return PolicyDocument.Statement.map((raw) => statementOf(raw, from));
  });
}

function statementOf(raw: object, from: Definitions): Statement {
  const { Effect, Action, Resource, Condition } = raw as Record<string, unknown>;
  return {
    Effect: String(Effect),
    Action: listOf(Action).map(String),
    Resource: listOf(Resource).map((resource) => resourceText(resource, from)),
    ...(Condition !== undefined && { Condition: Condition as Record<string, unknown> }),
  };
}

/** ARNs of log groups and roles have no value in the embedded account; their expression stands for them. */
function resourceText(resource: unknown, from: Definitions): string {
  try {
    return String(resolveValue(resource, from.resources));
  } catch {
    return JSON.stringify(resource);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
