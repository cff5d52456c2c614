import type { ExecutionEvent, ExecutionRecord } from '../embedded/execution.ts';
import type { Page, Tone } from './story.ts';

const TONES: Readonly<Record<string, Tone>> = { Succeed: 'good', Fail: 'bad' };
/** Ends of a run that did not act, and of those that wait for another one. */
const QUIET_ENDS = ['Held', 'Parked', 'Superseded'];

/** Draws the states of executions, as they are entered, on the page of the scene that is concerned with them. */
export class Follower {
  readonly #pages = new Map<string, Page>();
  readonly #choices = new Map<string, string>();

  /** From now on, what becomes of a certificate is told on this page. */
  followCertificate(name: string, page: Page): void {
    this.#pages.set(`CERT#${name}`, page);
  }

  followExecution(arn: string, page: Page): void {
    this.#pages.set(arn, page);
  }

  readonly onEvent = (record: ExecutionRecord, event: ExecutionEvent): void => {
    const subject = certificateOf(record);
    const page = this.#pages.get(record.arn) ?? this.#pages.get(`CERT#${subject}`);
    if (page === undefined || event.state === undefined) return;
    const { arn, machine } = record;
    if (event.type === 'StateRetried') {
      page.states({ subject, machine, states: `${event.state}, tried again`, tone: 'quiet' });
    }
    if (event.type !== 'StateEntered') return;
    // A choice takes no time: it is told with the state that it led to.
    if (event.stateType === 'Choice') this.#choices.set(arn, event.state);
    else page.states({ subject, machine, states: this.#withChoice(arn, event.state), tone: toneOf(event) });
  };

  #withChoice(arn: string, state: string): string {
    const choice = this.#choices.get(arn);
    this.#choices.delete(arn);
    return choice === undefined ? state : `${choice} → ${state}`;
  }
}

function certificateOf({ input }: ExecutionRecord): string {
  const { pk = '' }: { readonly pk?: string } = JSON.parse(input);
  return pk.startsWith('CERT#') ? pk.slice('CERT#'.length) : '';
}

function toneOf({ state = '', stateType = '' }: ExecutionEvent): Tone {
  return QUIET_ENDS.includes(state) ? 'quiet' : (TONES[stateType] ?? 'plain');
}
