import type { HttpResponse, HttpSend } from '../../lambdas/acme/http.ts';

/** How often each fault strikes, as a share of all requests. */
export type Losses = {
  /** The CA has acted, its answer is lost. */
  readonly answersLost: number;
  /** The connection is reset before anything is sent. */
  readonly resets: number;
  /** A gateway answers 5xx, half of the time after the CA has acted. */
  readonly gatewayErrors: number;
};

/** What was done so far. */
export type LossyLine = { readonly send: HttpSend; readonly struck: Record<keyof Losses, number>; heal(): void };

const PAGES: readonly HttpResponse[] = [
  { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' },
  { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' },
  { status: 504, headers: {}, body: '' },
  { status: 500, headers: { 'content-type': 'application/json' }, body: '{}' },
];

/** A line to the CA that loses answers, resets connections and injects 5xx, as `random` draws. */
export function lossyLine(send: HttpSend, losses: Losses, random: () => number): LossyLine {
  const struck = { answersLost: 0, resets: 0, gatewayErrors: 0 };
  let isHealed = false;
  const strike = async (act: () => Promise<HttpResponse>): Promise<HttpResponse> => {
    const drawn = isHealed ? 1 : random();
    if (drawn < losses.answersLost) {
      struck.answersLost += 1;
      await act();
      throw reset('the answer was lost');
    }
    if (drawn < losses.answersLost + losses.resets) {
      struck.resets += 1;
      throw reset('the connection was reset');
    }
    if (drawn < losses.answersLost + losses.resets + losses.gatewayErrors) {
      struck.gatewayErrors += 1;
      if (random() < 0.5) await act();
      return PAGES[Math.floor(random() * PAGES.length)] ?? { status: 502, headers: {}, body: '' };
    }
    return act();
  };
  return {
    struck,
    send: (request) => strike(() => send(request)),
    heal: () => {
      isHealed = true;
    },
  };
}

function reset(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
