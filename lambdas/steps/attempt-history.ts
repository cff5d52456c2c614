import { AcmeError } from '../acme/error.ts';
import type { AttemptEntry, AttemptEvent, AttemptOutcome } from '../core/attempt-rows.ts';
import { bounded, MOST_IN_BATCH } from '../core/attempt-rows.ts';
import type { StepFailure } from '../core/failure.ts';
import { ulidOf } from '../core/ulid.ts';
import { appendAttempt } from '../store/attempts.ts';
import type { BasePorts } from './ports.ts';

/** Whose history is written, and by whom. */
export type Historian = {
  readonly certificate: string;
  /** The claim whose run this is. */
  readonly startSeq: number;
  readonly execution: string;
  readonly step: string;
};

/**
 * What one invocation has to tell of its attempt: collected while it works, written once at its end. Nothing is ever decided
 * from it, and a write that fails is forgotten.
 */
export class AttemptHistory {
  readonly #ports: Pick<BasePorts, 'table' | 'clock'>;
  readonly #historian: Historian;
  readonly #entries: AttemptEntry[] = [];
  readonly #told = new Set<unknown>();
  #attempt: string;
  #isKnown = false;

  constructor(ports: Pick<BasePorts, 'table' | 'clock'>, historian: Historian) {
    this.#ports = ports;
    this.#historian = historian;
    this.#attempt = ulidOf(historian.startSeq, `${historian.certificate} ${historian.startSeq}`);
  }

  /** ULID of the attempt. */
  get attempt(): string {
    return this.#attempt;
  }

  /** Goes on with the attempt that an order belongs to. */
  continue(order: { readonly certificate: string; readonly attempt?: string } | undefined): void {
    if (order?.attempt === undefined || order.certificate !== this.#historian.certificate) return;
    this.#attempt = order.attempt;
    this.#isKnown = true;
  }

  add(event: AttemptEvent): void {
    const { startSeq: run, step } = this.#historian;
    if (this.#entries.length >= MOST_IN_BATCH) return;
    this.#entries.push({ at: this.#ports.clock.now(), run, step, ...bounded(event) });
  }

  /** A request that was no success; told once, wherever its error comes along again. */
  refused(error: AcmeError): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.add({ kind: 'refused', ...error.answer });
  }

  /** What the step ends in, and the request that it comes from. */
  failed(failure: StepFailure): void {
    if (failure.cause instanceof AcmeError) this.refused(failure.cause);
    const { class: failureClass, code, message, retryAt } = failure.detail;
    this.add({ kind: 'failed', class: failureClass, code, message, ...(retryAt === undefined ? {} : { retryAt }) });
  }

  /** Writes what there is to tell. Never throws. */
  async write(outcome: AttemptOutcome): Promise<void> {
    const { certificate, execution } = this.#historian;
    const entries = this.#entries.splice(0);
    if (entries.length === 0 && (outcome === 'running' || !this.#isKnown)) return;
    const now = this.#ports.clock.now();
    const news = { certificate, attempt: this.#attempt, execution, outcome, entries, now };
    await appendAttempt(this.#ports.table, news).catch(() => undefined);
  }
}
