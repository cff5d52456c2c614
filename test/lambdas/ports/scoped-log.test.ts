import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../../lambdas/core/log.ts';
import { createLineWriter } from '../../../lambdas/ports/powertools-log.ts';
import { createScopedLog } from '../../../lambdas/ports/scoped-log.ts';

const STEP: LogLine = { event: 'step', message: 'm', status: 'done', ms: 1 };
const REQUEST: LogLine = {
  event: 'caRequest',
  message: 'm',
  ca: 'one',
  request: 'newOrder',
  method: 'POST',
  path: '/acme/new-order',
  httpStatus: 201,
  ms: 1,
};

function recorded(level?: 'DEBUG') {
  const lines: string[] = [];
  const sink = (line: string): void => void lines.push(line);
  const log = createScopedLog(createLineWriter({ sink, ...(level === undefined ? {} : { level }) }));
  return { log, lines: (): readonly Record<string, unknown>[] => lines.map((line) => JSON.parse(line)) };
}

describe('The log', () => {
  it('puts the facts of an invocation on its lines, and of no other that is under way', async () => {
    const { log, lines } = recorded();
    const turn = Promise.withResolvers<void>();
    const first = log.within({ handler: 'a', certificate: 'one' }, async () => {
      await turn.promise;
      log.write(STEP);
    });
    await log.within({ handler: 'b', certificate: 'two' }, async () => log.write(STEP));
    turn.resolve();
    await first;
    log.write(STEP);
    expect(lines().map(({ handler, certificate }) => [handler, certificate])).toEqual([
      ['b', 'two'],
      ['a', 'one'],
      [undefined, undefined],
    ]);
  });

  it('names on the last line of an invocation the CAs that it has asked', async () => {
    const { log, lines } = recorded();
    await log.within({ handler: 'a' }, async () => {
      log.write(STEP);
      log.write(REQUEST);
      log.write({ ...REQUEST, ca: 'other' });
      log.write(STEP);
    });
    expect(lines().map(({ ca }) => ca)).toEqual([undefined, 'one', 'other', 'one, other']);
  });

  it.each([
    [STEP, 'INFO'],
    [REQUEST, 'INFO'],
    [{ ...REQUEST, httpStatus: 0 }, 'WARN'],
    [{ ...REQUEST, httpStatus: 429 }, 'WARN'],
    [{ event: 'failure', message: 'm', class: 'later', code: 'rateLimited' }, 'WARN'],
    [{ event: 'failure', message: 'm', class: 'person', code: 'caa' }, 'ERROR'],
    [{ event: 'note', message: 'm', code: 'profileLeftOut' }, 'WARN'],
  ] satisfies [LogLine, string][])('gives %o the level %s', (line, level) => {
    const { log, lines } = recorded();
    log.write(line);
    expect(lines()[0]).toMatchObject({ level, event: line.event });
  });

  it('writes from the level on that the environment names', () => {
    process.env.POWERTOOLS_LOG_LEVEL = 'WARN';
    try {
      const { log, lines } = recorded();
      log.write(STEP);
      log.write({ ...REQUEST, httpStatus: 500 });
      expect(lines().map(({ httpStatus }) => httpStatus)).toEqual([500]);
    } finally {
      delete process.env.POWERTOOLS_LOG_LEVEL;
    }
  });

  it('guards each text of a line', () => {
    const { log, lines } = recorded();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    log.write({ event: 'failure', message: `refused ${pem}`, class: 'bug', code: 'unexpected' });
    expect(lines()[0]?.message).toBe('refused [private key]\n');
  });

  it('lets no failure of its own out', async () => {
    const log = createScopedLog(() => {
      throw new Error('no room on the device');
    });
    expect(await log.within({ handler: 'a' }, async () => log.write(STEP))).toBeUndefined();
  });
});
