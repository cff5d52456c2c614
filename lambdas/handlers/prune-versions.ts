import { LambdaClient } from '@aws-sdk/client-lambda';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { systemClock } from '../ports/clock.ts';
import { answerCloudFormation } from '../ports/custom-resource.ts';
import { createFunctionVersions } from '../ports/function-versions.ts';
import { lambdaLog } from '../ports/lambda-log.ts';
import { logged } from '../ports/logged.ts';
import { pruneVersions } from '../steps/prune-versions.ts';

/** Left for the answer to CloudFormation, which waits for it. Milliseconds. */
const ANSWER_MS = 15_000;

const versions = createFunctionVersions(new LambdaClient({}));
const log = lambdaLog();

/** The custom resource that removes versions of earlier deployments. It does not fail, and its deletion prunes nothing. */
export const handler = (event: CloudFormationCustomResourceEvent, context: Context): Promise<void> =>
  answerCloudFormation(event, context, 'perennial-versions', () =>
    logged('prune-versions', { log, clock: systemClock }, event, () => prune(event, context)),
  );

async function prune(
  event: CloudFormationCustomResourceEvent,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  const { named } = event.ResourceProperties;
  if (event.RequestType === 'Delete' || !Array.isArray(named)) return {};
  const deadline = systemClock.now() + context.getRemainingTimeInMillis() - ANSWER_MS;
  const { deleted, failures } = await pruneVersions(named.map(String), { clock: systemClock, versions, deadline });
  for (const message of failures) log.write({ event: 'note', message, code: 'versionNotPruned' });
  return { deleted: String(deleted), failed: String(failures.length) };
}
