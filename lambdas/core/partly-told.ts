import { type FailureDetail, StepFailure } from './failure.ts';

/** Who is told by a message: machines by its event, people by the topic. */
export type Told = 'machines' | 'people';

/** One of the two has a message and the other has not: it stays in its outbox, but only the other must get it again. */
export class PartlyTold extends StepFailure {
  readonly told: Told;

  constructor(told: Told, detail: FailureDetail, options?: ErrorOptions) {
    super(detail, options);
    this.told = told;
  }
}
