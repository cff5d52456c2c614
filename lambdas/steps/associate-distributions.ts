import { StepFailure } from '../core/failure.ts';
import type { VersionRow } from '../core/rows.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { waitOrParkPush } from './push-run.ts';

/**
 * Has every distribution of the target serve the ARN. Most pushes change nothing here, since a certificate is re-imported onto
 * the ARN that is served. Whether all of them are deployed; one that fails does not keep the others from their turn.
 */
export async function associateDistributions(
  { ports, target }: PushRun<PushPorts>,
  arn: string,
  version: VersionRow,
): Promise<boolean> {
  const { distributions = [] } = target.target;
  const turns = distributions.map((id) => ports.cloudFront.associate(id, arn, version.domains));
  const results = await Promise.allSettled(turns);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.every((result) => result.status === 'fulfilled' && result.value.deployed);
}

/** CloudFront takes minutes to be the same everywhere; past the deadline that is a failure. */
export function awaitDeployment(run: PushRun<PushPorts>, arn: string): Promise<PushStepResult> {
  const { deadline = Number.POSITIVE_INFINITY, target } = run.target;
  if (run.ports.clock.now() <= deadline) return waitOrParkPush(run);
  const message = `${target.distributions?.join(', ')} were given ${arn}, but CloudFront does not say "Deployed" of all of them; look there, one may be disabled or held by another change`;
  throw new StepFailure({ class: 'person', code: 'notDeployed', message });
}
