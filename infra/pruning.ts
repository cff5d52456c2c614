import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import type { HandlerFunctions } from './functions.ts';
import { grant, statementOf } from './grant.ts';
import { HANDLER_NAMES, type HandlerName } from './handlers.ts';
import { publishedVersion } from './published-version.ts';

/** Custom resources are called as they are: nothing names a version of these. */
const UNVERSIONED: readonly HandlerName[] = ['sync-inventory', 'prune-versions'];

/**
 * Versions outlive the deployments that made them, since running executions call them; those that none can call any more are
 * deleted at the end of each deployment that publishes others.
 */
export function createPruning(parent: Construct, functions: HandlerFunctions, after: readonly IConstruct[]): void {
  const scope = new Construct(parent, 'Pruning');
  const pruned = HANDLER_NAMES.filter((name) => !UNVERSIONED.includes(name)).map((name) => functions[name]);
  const arns = pruned.map(({ functionArn }) => functionArn);
  const pruner = functions['prune-versions'];
  pruner.addToRolePolicy(statementOf(grant('lambda', ['ListVersionsByFunction'], arns)));
  // Qualified ARNs only: a function as a whole is never deleted.
  pruner.addToRolePolicy(
    statementOf(
      grant(
        'lambda',
        ['DeleteFunction'],
        arns.map((arn) => `${arn}:*`),
      ),
    ),
  );
  const resource = new CustomResource(scope, 'Resource', {
    resourceType: 'Custom::PerennialVersions',
    serviceToken: pruner.functionArn,
    serviceTimeout: Duration.minutes(10),
    properties: { named: pruned.map((handler) => publishedVersion(handler).functionArn) },
  });
  resource.node.addDependency(...after, pruner);
}
