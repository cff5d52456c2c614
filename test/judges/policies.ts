import type { Definitions } from '../../local/embedded/definitions.ts';
import { resolveValue, type TemplateResources } from '../../local/embedded/template-values.ts';

/** A statement as AWS's own tools take it. */
export type Statement = {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** A policy document. */
export type Policy = { readonly Version: string; readonly Statement: readonly Statement[] };

/** The identity policy of every role, by the role's logical id, with literal ARNs in place of tokens. */
export function rolePolicies({ resources }: Definitions): ReadonlyMap<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const document = resolveValue(Properties.PolicyDocument, resources) as Policy;
    for (const role of rolesOf(Properties)) policies.set(role, joined(policies.get(role), document));
  }
  return policies;
}

/** The policies of keys, topics and buckets, by logical id, with literal ARNs in place of tokens. */
export function resourcePolicies({ resources }: Definitions): ReadonlyMap<string, Policy> {
  const found = Object.entries(resources).flatMap(([id, { Properties }]) => {
    const document = Properties.KeyPolicy ?? (isResourcePolicy(id, resources) ? Properties.PolicyDocument : undefined);
    return document === undefined ? [] : [[id, resolveValue(document, resources) as Policy] as const];
  });
  return new Map(found);
}

function isResourcePolicy(id: string, resources: TemplateResources): boolean {
  return ['AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'].includes(
    resources[id]?.Type ?? '',
  );
}

function rolesOf(properties: Readonly<Record<string, unknown>>): readonly string[] {
  return (properties.Roles as readonly { readonly Ref: string }[]).map(({ Ref }) => Ref);
}

function joined(first: Policy | undefined, { Version, Statement }: Policy): Policy {
  return { Version, Statement: [...(first?.Statement ?? []), ...Statement] };
}
