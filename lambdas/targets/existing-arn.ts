import { StepFailure } from '../core/failure.ts';
import type { AcmPort } from '../core/ports.ts';
import type { AcmTarget } from '../core/target-declaration.ts';
import type { PushJob } from '../core/target-driver.ts';

/**
 * Looks at an ARN that a target names before the first import onto it: it must be there, an imported certificate, and of the
 * same key type and size, since ACM changes neither.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
 *
 * @throws StepFailure of class `person` that says what is wrong and what to write instead.
 */
export async function refuseUnfit(acm: AcmPort, { target, keyType }: PushJob<AcmTarget>, arn: string): Promise<void> {
  const found = await acm.inspect(arn);
  if (found === undefined)
    throw unfit(
      'arnMissing',
      `there is no certificate ${arn} in this account and region. Correct arn of the target "${target.id}", or take it out, so that a new one is imported`,
    );
  if (found.type !== 'IMPORTED')
    throw unfit(
      'arnNotImported',
      `${arn} is ${found.type}, and only imported certificates take another. Take arn out of the target "${target.id}", and use the ARN of the one that is imported then`,
    );
  if (found.keyType !== keyType)
    throw unfit(
      'arnKeyType',
      `${arn} has a key of type ${found.keyType ?? 'unknown to this program'}, which ACM keeps, and the certificate one of type ${keyType}. Declare keyType ${found.keyType ?? 'of that ARN'}, or take arn out of the target "${target.id}"`,
    );
}

function unfit(code: string, message: string): StepFailure {
  return new StepFailure({ class: 'person', code, message });
}
