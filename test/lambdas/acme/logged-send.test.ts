import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../lambdas/acme/http.ts';
import { createLoggedSend } from '../../../lambdas/acme/logged-send.ts';
import { type LogLine, NO_LOG } from '../../../lambdas/core/log.ts';

const REQUEST: HttpRequest = {
  url: 'https://ca.test/acme/order/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA',
  method: 'POST',
  headers: {},
  body: '{"protected":"eyJhbGciOiJFUzI1NiJ9"}',
  timeoutMs: 1_000,
  about: { ca: 'local', request: 'order' },
};
const KNOWN = { event: 'caRequest', ca: 'local', request: 'order', method: 'POST', path: '/acme/order/*', ms: 7 };

/** What was written of one request that ends so. */
async function linesOf(send: () => Promise<{ status: number; headers: Record<string, string>; body: string }>) {
  const lines: LogLine[] = [];
  let now = 0;
  const clock = {
    now: () => {
      now += 7;
      return now;
    },
    sleep: async () => undefined,
  };
  await createLoggedSend(
    send,
    { ...NO_LOG, write: (line) => void lines.push(line) },
    clock,
  )(REQUEST).catch(() => 'died');
  return lines;
}

describe('A request to a CA that is logged', () => {
  it('tells what was asked of whom and what came of it, and nothing of bodies and headers', async () => {
    const headers = { 'x-request-id': 'r-1', 'replay-nonce': 'n0nce' };
    expect(await linesOf(async () => ({ status: 200, headers, body: '{"status":"ready"}' }))).toEqual([
      { ...KNOWN, message: 'POST /acme/order/* 200', httpStatus: 200, requestId: 'r-1' },
    ]);
  });

  it('tells the type of a problem', async () => {
    const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:badNonce', detail: 'nonce n0nce' });
    expect(await linesOf(async () => ({ status: 400, headers: {}, body }))).toEqual([
      { ...KNOWN, message: 'POST /acme/order/* 400', httpStatus: 400, error: 'badNonce', problemType: 'badNonce' },
    ]);
  });

  it('tells the status of an answer that is no problem document', async () => {
    expect(await linesOf(async () => ({ status: 502, headers: {}, body: '<html>' }))).toEqual([
      { ...KNOWN, message: 'POST /acme/order/* 502', httpStatus: 502, error: 'http502' },
    ]);
  });

  it('tells why there was no answer, without the message, which may hold a URL', async () => {
    const error = Object.assign(new Error(`connect to ${REQUEST.url}`), { code: 'ECONNREFUSED' });
    expect(await linesOf(() => Promise.reject(error))).toEqual([
      { ...KNOWN, message: 'POST /acme/order/* was not answered', httpStatus: 0, error: 'ECONNREFUSED' },
    ]);
  });
});
