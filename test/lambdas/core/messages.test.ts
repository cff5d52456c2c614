import { describe, expect, it } from 'vitest';
import {
  failingMessage,
  issuedMessage,
  pushedMessage,
  recoveredMessage,
  renewedMessage,
} from '../../../lambdas/core/messages.ts';
import type { RecordedFailure } from '../../../lambdas/core/rows.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2027, 0, 1);
const FACTS = { version: 'abc', notAfter: NOW + 90 * 24 * HOUR, ca: 'ca' };

function failure(changes: Partial<RecordedFailure> = {}): RecordedFailure {
  return {
    class: 'caSide',
    code: 'http500',
    message: 'ca answered 500',
    at: NOW,
    since: NOW - HOUR,
    count: 3,
    ...changes,
  };
}

const failing = (changes: Partial<RecordedFailure> = {}, context: { endsAt?: number; urgent?: boolean } = {}) =>
  failingMessage('certificate.failing', 'site', failure(changes), {
    what: 'renewal',
    nextTryAt: NOW + HOUR,
    urgent: false,
    ...context,
  });

describe('A message', () => {
  it('of the first issue goes to people, that of a renewal and of a push to machines only', () => {
    const issued = issuedMessage('site', ['a.test', 'b.test'], FACTS, NOW);
    const pushed = pushedMessage('site', { version: 'abc', target: 'acm' }, NOW);
    expect(issued).toMatchObject({ event: 'certificate.issued', notify: true, certificate: 'site', at: NOW });
    expect(issued.body).toContain('a.test, b.test');
    expect(renewedMessage('site', FACTS, NOW)).toMatchObject({ event: 'certificate.renewed', notify: false });
    expect(pushed).toMatchObject({ event: 'certificate.pushed', notify: false, detail: { target: 'acm' } });
  });

  it('of a refusal says what the CA calls the request, for its support', () => {
    expect(failing({ ca: 'ca', requestId: 'r-1' }).body.split('\n')).toContain('ca calls the request r-1.');
    expect(failing({ ca: 'ca' }).body).not.toContain('calls the request');
  });

  it('of a failure says what failed, what is at stake, when the next try is and what to do', () => {
    const { subject, body, notify, detail } = failing({}, { endsAt: NOW + 5 * HOUR });
    expect(notify).toBe(true);
    expect(subject).toBe('Perennial: site: renewal fails (http500)');
    expect(body.split('\n')).toEqual([
      'Renewal of "site" failed: ca answered 500',
      'What is served ends at 2027-01-01T05:00:00.000Z.',
      'Perennial tries again at 2027-01-01T01:00:00.000Z.',
      'Nothing is to be done yet.',
    ]);
    expect(detail).toEqual({
      what: 'renewal',
      class: 'caSide',
      code: 'http500',
      since: NOW - HOUR,
      nextTryAt: NOW + HOUR,
      endsAt: NOW + 5 * HOUR,
    });
  });

  it('of a failure says so where nothing is served yet', () => {
    expect(failing().body).toContain('Nothing is served yet.');
  });

  it.each([
    ['the URL to open', { url: 'https://ca.test/unpause' }, 'A person must open https://ca.test/unpause'],
    ['that a person must act', { class: 'person' }, 'A person must act: the failure above says what is missing.'],
  ] as const)('of a failure names %s', (_what, changes, action) => {
    expect(failing(changes).body).toContain(action);
  });

  it('of a recovery says for how long and how often it had failed, and why the last time', () => {
    const { body, notify, event } = recoveredMessage('site', 'renewal', failure(), NOW);
    expect([event, notify]).toEqual(['certificate.recovered', true]);
    expect(body).toContain('Renewal of "site" works again.');
    expect(body).toContain('3 time(s) since 2026-12-31T23:00:00.000Z; the last time: ca answered 500');
  });
});

describe("A message's id", () => {
  it('is the same for the same news, whenever it is written', () => {
    expect(failing({ at: NOW + HOUR, count: 9 }).id).toBe(failing().id);
    expect(issuedMessage('site', [], FACTS, NOW + HOUR).id).toBe(issuedMessage('site', [], FACTS, NOW).id);
    expect(recoveredMessage('site', 'renewal', failure({ count: 9 }), NOW + HOUR).id).toBe(
      recoveredMessage('site', 'renewal', failure(), NOW).id,
    );
  });

  it.each([
    ['another reason', { code: 'caa' }],
    ['another class', { class: 'person' }],
    ['another spell of failing', { since: NOW }],
  ] as const)('is another for %s', (_what, changes) => {
    expect(failing(changes).id).not.toBe(failing().id);
  });

  it('is another once it is urgent', () => {
    expect(failing({}, { urgent: true }).id).not.toBe(failing().id);
  });

  it('is another for each kind, certificate and version', () => {
    const ids = [
      issuedMessage('site', [], FACTS, NOW),
      issuedMessage('other', [], FACTS, NOW),
      renewedMessage('site', FACTS, NOW),
      renewedMessage('site', { ...FACTS, version: 'def' }, NOW),
      pushedMessage('site', { version: 'abc', target: 'acm' }, NOW),
      pushedMessage('site', { version: 'abc', target: 'cdn' }, NOW),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true);
  });
});

describe('What machines are told', () => {
  it('is made of flat facts, never of the message, which may quote a CA', () => {
    const { detail } = failing({ url: 'https://ca.test/x?jwt=secret', message: 'with a secret' });
    expect(Object.values(detail).every((fact) => ['string', 'number', 'boolean'].includes(typeof fact))).toBe(true);
    expect(JSON.stringify(detail)).not.toContain('secret');
  });
});
