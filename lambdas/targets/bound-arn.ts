import { StepFailure } from '../core/failure.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import type { PushJob } from '../core/target-driver.ts';

/** The ARN that a target binds. Throws where the ACM target that has it is not there. */
export function boundArn({ target, certificateArn }: PushJob<TargetDeclaration & { readonly acm: string }>): string {
  if (certificateArn !== undefined) return certificateArn;
  const message = `the target "${target.id}" binds the ARN of the ACM target "${target.acm}", which has none`;
  throw new StepFailure({ class: 'bug', code: 'arnUnknown', message });
}
