import type { HttpSend } from '../../lambdas/acme/http.ts';
import type { Ca } from '../../local/ca/ca.ts';

/** Reaches a CA of this process without sockets, so that time may be virtual. */
export function sendTo(ca: () => Pick<Ca, 'handle'>, remoteAddress?: () => string): HttpSend {
  return async ({ method, url, headers, body }) => {
    const from = remoteAddress === undefined ? {} : { remoteAddress: remoteAddress() };
    const answer = await ca().handle({ method, url, headers, body: body ?? '', ...from });
    const flat = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { status: answer.status, headers: Object.fromEntries(flat), body: answer.body };
  };
}
