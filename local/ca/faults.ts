import type { CaClock } from './clock.ts';
import type { ProblemDocument } from './problems.ts';
import type { CaAnswer, CaRequest, Endpoint } from './wire.ts';

/** What goes wrong. `before`: the CA does nothing; `after`: it has acted, only the answer suffers. */
export type Fault =
  /** Before: the connection is refused (a socket's peer sees a reset). */
  | { readonly kind: 'refuse' }
  /** Before: waits, by the injected `sleep`, then acts. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Before: this answer instead of acting. The nonce is not used up; there is no Replay-Nonce but one that `headers` gives. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: CaAnswer['headers']; readonly body?: string }
  /** Before: a good nonce is refused with badNonce. */
  | { readonly kind: 'refuseNonce' }
  /** Finalize only: the order is taken on and ends in this error. */
  | { readonly kind: 'failOrder'; readonly problem: ProblemDocument }
  /** After: the connection is closed without an answer. */
  | { readonly kind: 'lose' }
  /** After: nothing comes, and the connection stays open. */
  | { readonly kind: 'silence' }
  /** After: headers and half of the body, then a reset. */
  | { readonly kind: 'reset' }
  /** After: this status and body instead of the answer. */
  | {
      readonly kind: 'overwrite';
      readonly status: number;
      readonly headers?: CaAnswer['headers'];
      readonly body?: string;
    }
  /** After: the body is cut in half and garbled. */
  | { readonly kind: 'corrupt' }
  /** After: Replay-Nonce is one that the CA will refuse. */
  | { readonly kind: 'wrongNonce' }
  /** After: JSON bodies get members that no standard has. */
  | { readonly kind: 'extraFields' }
  /** After: whatever the script makes of the answer. */
  | { readonly kind: 'rewrite'; readonly change: (answer: CaAnswer) => CaAnswer };

/** When a fault is played. */
export interface FaultRule {
  /** One endpoint, or all. */
  readonly endpoint: Endpoint | 'any';
  readonly fault: Fault;
  /** The first request it is played at, counted from 1 from the rule's making, among those that match. Default 1. */
  readonly call?: number;
  /** How many requests from there on. Default 1; `Infinity` for good. */
  readonly times?: number;
  /** Played with this chance (0 to 1), drawn from the injected `random`, instead of always. */
  readonly chance?: number;
  /** Further condition. */
  readonly when?: (request: CaRequest) => boolean;
}

/** A rule in force. */
export interface PlacedFault {
  /** How often it has been played. */
  readonly played: () => number;
  readonly remove: () => void;
}

export interface Faults {
  add(rule: FaultRule): PlacedFault;
  clear(): void;
}

/** The playing side: the first rule that applies to a request. */
export interface FaultDeck extends Faults {
  draw(endpoint: Endpoint, request: CaRequest): Fault | undefined;
}

interface Placed {
  readonly rule: FaultRule;
  seen: number;
  played: number;
}

function applies(placed: Placed, random: () => number): boolean {
  const { call = 1, times = 1, chance } = placed.rule;
  if (placed.seen < call || placed.played >= times) return false;
  if (chance !== undefined) return random() < chance;
  return placed.seen < call + times;
}

/** A deck of fault rules, tried in the order in which they were added; one fault a request. */
export function createFaults(clock: CaClock): FaultDeck {
  let deck: Placed[] = [];
  return {
    add(rule) {
      const placed: Placed = { rule, seen: 0, played: 0 };
      deck.push(placed);
      return {
        played: () => placed.played,
        remove: () => {
          deck = deck.filter((each) => each !== placed);
        },
      };
    },
    clear: () => {
      deck = [];
    },
    draw(endpoint, request) {
      const matching = deck.filter(({ rule }) => {
        return (rule.endpoint === 'any' || rule.endpoint === endpoint) && (rule.when?.(request) ?? true);
      });
      for (const each of matching) each.seen += 1;
      const drawn = matching.find((each) => applies(each, clock.random));
      if (!drawn) return undefined;
      drawn.played += 1;
      return drawn.rule.fault;
    },
  };
}

function grow(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return body;
    return JSON.stringify({ ...value, 'x-unheard-of': { nested: [1, 'two', null] }, 'x-renamed': true });
  } catch {
    return body;
  }
}

/** The answer after a fault of the `after` kind that still has one. */
export function spoil(answer: CaAnswer, fault: Fault): CaAnswer {
  switch (fault.kind) {
    case 'overwrite': {
      const nonce = answer.headers['Replay-Nonce'];
      const kept = nonce === undefined ? {} : { 'Replay-Nonce': nonce };
      return { status: fault.status, headers: { ...kept, ...fault.headers }, body: fault.body ?? '' };
    }
    case 'corrupt':
      return { ...answer, body: `${answer.body.slice(0, answer.body.length / 2)}\u0000}{` };
    case 'wrongNonce':
      return { ...answer, headers: { ...answer.headers, 'Replay-Nonce': 'bm90LWEtbm9uY2Utb2YtdGhpcy1DQQ' } };
    case 'extraFields':
      return { ...answer, body: grow(answer.body) };
    case 'rewrite':
      return fault.change(answer);
    default:
      return answer;
  }
}
