import { StepFailure } from '../core/failure.ts';
import type { AcmeAnswer } from '../core/problem.ts';
import { failureOf } from '../core/problem.ts';

/** A CA's answer that was no success, or no answer (`answer.status` 0). Carries no request body, no key, no signature. */
export class AcmeError extends Error {
  readonly answer: AcmeAnswer;
  readonly ca: string;

  constructor(answer: AcmeAnswer, ca: string, options?: ErrorOptions) {
    super(failureOf(answer, ca).message, options);
    this.name = 'AcmeError';
    this.answer = answer;
    this.ca = ca;
  }

  /** The failure a step throws for it. */
  toFailure(): StepFailure {
    return new StepFailure(failureOf(this.answer, this.ca), { cause: this });
  }
}
