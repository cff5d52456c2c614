import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { LOCAL_ACCOUNT } from '../../local/embedded/template-values.ts';
import type { Policy } from './policies.ts';

/** A call to AWS, as IAM sees it. */
export type IamCall = {
  /** `service:Action`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request, as AWS's service fills them in. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
};

/** Who calls, and what its account says of it. */
export type Caller = {
  readonly roleArn: string;
  readonly policy: Policy;
  /** The policy of the resource itself, where it has one (a key's). */
  readonly resourcePolicy?: Policy;
};

/**
 * Whether IAM lets the call pass. An action that AWS does not have, or a resource that the action does not know, throws: a
 * case that could never happen would prove nothing.
 */
export async function allows(caller: Caller, call: IamCall): Promise<boolean> {
  const simulation = simulationOf(caller, call);
  const judged = await runSimulation(simulation, {});
  if (judged.resultType === 'error') throw new Error(`${call.action} on ${call.resource}: ${judged.errors.message}`);
  // The checked run loses condition keys with a variable part (`kms:EncryptionContext:...`), so the unchecked one decides.
  return runUnsafeSimulation(simulation, {}) === 'Allowed';
}

function simulationOf({ roleArn, policy, resourcePolicy }: Caller, { action, resource, context }: IamCall): Simulation {
  const contextVariables = Object.entries(context ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : [...value],
  ]);
  return {
    request: {
      principal: roleArn,
      action,
      resource: { resource, accountId: LOCAL_ACCOUNT },
      contextVariables: Object.fromEntries(contextVariables),
    },
    identityPolicies: [{ name: 'role', policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy && { resourcePolicy }),
  };
}
