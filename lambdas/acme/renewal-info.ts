import type { CaSettings } from '../core/declaration.ts';
import type { Clock } from '../core/ports.ts';
import type { AcmeRequest } from '../core/problem.ts';
import { parseProblem } from '../core/problem.ts';
import { parseRetryAfter } from '../core/retry-after.ts';
import type { Directory } from './directory.ts';
import { parseDirectory, parseJson } from './directory.ts';
import { AcmeError } from './error.ts';
import type { HttpResponse, HttpSend } from './http.ts';
import { isForeignUrl, USER_AGENT } from './request-rules.ts';

/** An answer to a question about one certificate: what should be a RenewalInfo object, and Retry-After as it was sent. */
export type RenewalInfoAnswer = { readonly body: unknown; readonly retryAfter?: string };

/**
 * What CAs tell without an account (RFC 9773 section 4): unsigned GETs by the rules of the signed requests (https, the
 * directory's host, the CA's own roots, a deadline). Every method is one request and throws {@link AcmeError}.
 */
export interface RenewalInfoReader {
  directory(ca: CaSettings, deadline: number): Promise<Directory>;
  /** `url` is the directory's `renewalInfo`, `deadline` in milliseconds since the epoch. */
  ask(ca: CaSettings, url: string, certId: string, deadline: number): Promise<RenewalInfoAnswer>;
}

/** No CA needs longer for so little; one that does must not take the others' time. Milliseconds. */
export const QUESTION_MS = 10_000;

/** The reader of this process. */
export function createRenewalInfoReader(send: HttpSend, clock: Clock): RenewalInfoReader {
  const get = async (ca: CaSettings, request: AcmeRequest, url: string, deadline: number): Promise<HttpResponse> => {
    const answer = await sendGet({ ca, request, url, send, timeoutMs: Math.min(QUESTION_MS, deadline - clock.now()) });
    if (answer.status === 200) return answer;
    const retryAt = parseRetryAfter(answer.headers['retry-after'], clock.now());
    const problem = parseProblem(parseJson(answer.body));
    throw new AcmeError(
      { request, status: answer.status, problem, ...(retryAt === undefined ? {} : { retryAt }) },
      ca.name,
    );
  };
  return {
    directory: async (ca, deadline) => {
      const answer = await get(ca, 'directory', ca.directoryUrl, deadline);
      const directory = parseDirectory(answer.body);
      if (directory === undefined) throw new AcmeError({ request: 'directory', status: answer.status }, ca.name);
      return directory;
    },
    ask: async (ca, url, certId, deadline) => {
      const answer = await get(ca, 'renewalInfo', `${url.replace(/\/$/, '')}/${certId}`, deadline);
      const retryAfter = answer.headers['retry-after'];
      return { body: parseJson(answer.body), ...(retryAfter === undefined ? {} : { retryAfter }) };
    },
  };
}

type Get = {
  readonly ca: CaSettings;
  readonly request: AcmeRequest;
  readonly url: string;
  readonly send: HttpSend;
  readonly timeoutMs: number;
};

async function sendGet({ ca, request, url, send, timeoutMs }: Get): Promise<HttpResponse> {
  if (isForeignUrl(ca.directoryUrl, url, ca.otherHosts))
    throw refused(ca, request, 200, `its directory leads to ${url.slice(0, 200)}`);
  if (timeoutMs <= 0) throw refused(ca, request, 0, 'no time left in this invocation');
  const headers = { 'user-agent': USER_AGENT, accept: '*/*' };
  const about = { ca: ca.name, request };
  const roots = ca.rootsPem === undefined ? {} : { rootsPem: ca.rootsPem };
  try {
    return await send({ url, method: 'GET', headers, timeoutMs, about, ...roots });
  } catch (error) {
    throw refused(ca, request, 0, error instanceof Error ? error.message : String(error), error);
  }
}

function refused(ca: CaSettings, request: AcmeRequest, status: number, detail: string, cause?: unknown): AcmeError {
  return new AcmeError({ request, status, problem: { type: '', detail, subproblems: [] } }, ca.name, { cause });
}
