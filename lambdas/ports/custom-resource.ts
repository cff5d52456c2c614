import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';

/**
 * Does a custom resource's work and tells CloudFormation the outcome at its presigned URL; a failure is told too, or the
 * deployment would hang until its time-out.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 *
 * @param physicalId Constant: another id would make CloudFormation delete the earlier resource.
 */
export async function answerCloudFormation(
  event: CloudFormationCustomResourceEvent,
  context: Context,
  physicalId: string,
  work: () => Promise<Readonly<Record<string, string>>>,
): Promise<void> {
  const outcome = await work().then(
    (data) => ({ Status: 'SUCCESS', Data: data }),
    (error: unknown) => ({ Status: 'FAILED', Reason: `${reasonOf(error)} (log stream ${context.logStreamName})` }),
  );
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId: physicalId });
  // The presigned URL is signed without a content type.
  const answer = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!answer.ok)
    throw new Error(
      `CloudFormation answered ${answer.status} to the outcome ${outcome.Status} of ${LogicalResourceId}`,
    );
}

/** CloudFormation takes 4 kB in all. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1000);
}
