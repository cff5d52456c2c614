import { StepFailure } from './failure.ts';

/** People have a message, machines have not: it stays in its outbox, but people must not get it again. */
export class PartlyTold extends StepFailure {}
