import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
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
  const judged = await runSimulation(simulationOf(caller, call), {});
  if (judged.resultType === 'error') throw new Error(`${call.action} on ${call.resource}: ${judged.errors.message}`);
  return judged.overallResult === 'Allowed';
}

function simulationOf({ roleArn, policy, resourcePolicy }: Caller, { action, resource, context }: IamCall): Simulation {
  return {
    request: {
      principal: roleArn,
      action,
      resource: { resource, accountId: accountOf(resource) },
      contextVariables: asSimulated(context ?? {}) as Record<string, string | string[]>,
    },
    identityPolicies: [{ name: 'role', policy: asSimulated(policy) }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy && { resourcePolicy }),
  };
}

function accountOf(arn: string): string {
  const account = arn.split(':')[4] ?? '';
  return /^\d{12}$/.test(account) ? account : LOCAL_ACCOUNT;
}

/**
 * The simulator names every key of the family `kms:EncryptionContext:...` by its pattern, so policy and request must do so
 * too. Right as long as policies ask for one pair.
 */
function asSimulated(value: object): object {
  const pattern = 'kms:EncryptionContext:$' + '{EncryptionContextKey}';
  return JSON.parse(JSON.stringify(value).replaceAll('"kms:EncryptionContext:purpose"', JSON.stringify(pattern)));
}
