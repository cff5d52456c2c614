import type { CaRequestLine, Log } from '../core/log.ts';
import { pathShape } from '../core/path-shape.ts';
import type { Clock } from '../core/ports.ts';
import { parseProblem } from '../core/problem.ts';
import { parseJson } from './directory.ts';
import type { HttpRequest, HttpResponse, HttpSend } from './http.ts';
import { requestIdOf } from './request-id.ts';

/** What a request came to: the answer, or the code of the error in its place. */
type Outcome = Pick<CaRequestLine, 'httpStatus' | 'problemType' | 'requestId' | 'error'>;

/** Sends as `send` does, and writes a line for each request; of the bodies only a problem's type is looked at. */
export function createLoggedSend(send: HttpSend, log: Log, clock: Clock): HttpSend {
  return async (request) => {
    const begun = clock.now();
    const tell = (outcome: Outcome): void => log.write(lineOf(request, outcome, clock.now() - begun));
    try {
      const answer = await send(request);
      tell(outcomeOf(answer));
      return answer;
    } catch (error) {
      tell({ httpStatus: 0, error: codeOf(error) });
      throw error;
    }
  };
}

function lineOf({ url, method, about }: HttpRequest, outcome: Outcome, ms: number): CaRequestLine {
  const path = pathShape(url);
  const message = `${method} ${path} ${outcome.httpStatus === 0 ? 'was not answered' : outcome.httpStatus}`;
  return { event: 'caRequest', message, ...about, method, path, ...outcome, ms };
}

function outcomeOf(answer: HttpResponse): Outcome {
  const { status: httpStatus, body } = answer;
  const problemType = httpStatus >= 400 ? parseProblem(parseJson(body)).type : '';
  const requestId = requestIdOf(answer);
  return {
    httpStatus,
    ...(httpStatus >= 200 && httpStatus < 400 ? {} : { error: problemType || `http${httpStatus}` }),
    ...(problemType === '' ? {} : { problemType }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** Node's code of a socket's error, or the error's name: its message may hold a URL. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
