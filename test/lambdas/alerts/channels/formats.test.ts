import { describe, expect, it } from 'vitest';
import { httpChannelOf } from '../../../../lambdas/alerts/channels/registry.ts';
import type { Alert } from '../../../../lambdas/core/alert.ts';
import type { HttpChannelDeclaration } from '../../../../lambdas/core/channel-declaration.ts';
import { ALERT, NOW } from './alert.ts';
import { declarationOf, RECEIVERS, TYPES } from './receivers/all.ts';

function requestOf(type: HttpChannelDeclaration['type'], alert: Alert) {
  const request = httpChannelOf(declarationOf(type)).request(alert, RECEIVERS[type].secret, declarationOf(type), NOW);
  if (request === undefined) throw new Error(`${type} sends nothing`);
  return request;
}

/** What the channel thinks of the answer to a message; undefined is acceptance. */
function verdict(type: HttpChannelDeclaration['type'], alert: Alert) {
  const answer = RECEIVERS[type].receive(requestOf(type, alert), NOW);
  expect([answer.status, answer.body]).toEqual([expect.toSatisfy((status) => status < 300), answer.body]);
  return httpChannelOf(declarationOf(type)).refusal(answer);
}

const shown = (type: HttpChannelDeclaration['type'], alert: Alert) => RECEIVERS[type].shown(requestOf(type, alert));

const LONG: Readonly<Record<string, Partial<Alert>>> = {
  'a subject of 5,000 letters': { subject: 'x'.repeat(5_000) },
  'a body of 60,000 letters': { body: 'y'.repeat(60_000) },
  'a body of 60,000 quotes, which JSON doubles': { body: '"'.repeat(60_000) },
  'a body of 20,000 characters of other scripts': { body: '例'.repeat(20_000) },
  'a body of 10,000 pairs of surrogates, which are cut in no half': { body: '😀'.repeat(10_000) },
  'a body of 2,000 lines with links': { body: 'see https://ca.test/a\n'.repeat(2_000) },
  'a body of 20,000 markup characters': { body: '<&>*_`'.repeat(4_000) },
  'a certificate with a name of 3,000 letters': { certificate: 'c'.repeat(3_000) },
  '10,000 control characters, of which JSON makes six': { body: '\u0007'.repeat(10_000) },
};

describe.each(TYPES)('A message for %s', (type) => {
  it('is of the published format', () => {
    expect(verdict(type, ALERT)).toBeUndefined();
  });

  it('says all that the message says, letter for letter, and names it', () => {
    const text = shown(type, ALERT);
    for (const line of [ALERT.subject, ...ALERT.body.split('\n'), ALERT.certificate, ALERT.id])
      expect(text).toContain(line);
  });

  it.each(Object.entries(LONG))('is within the limits with %s', (_what, change) => {
    expect(verdict(type, { ...ALERT, ...change })).toBeUndefined();
    expect(requestOf(type, { ...ALERT, ...change }).body.isWellFormed()).toBe(true);
    expect(JSON.stringify(JSON.parse(requestOf(type, { ...ALERT, ...change }).body))).not.toMatch(/\\ud[89ab]/i);
  });

  it('still names itself where its body was cut', () => {
    expect(shown(type, { ...ALERT, body: 'long '.repeat(15_000) })).toContain(ALERT.id);
  });

  it('is the same when it is told again', () => {
    expect(requestOf(type, ALERT)).toEqual(requestOf(type, ALERT));
  });

  it('is refused by the receiver where another secret is used, so that the receiver is strict', () => {
    const others = Object.fromEntries(
      Object.keys(RECEIVERS[type].secret).map((key) => [key, key === 'url' ? 'https://wrong.test/' : 'wrong']),
    );
    const request = httpChannelOf(declarationOf(type)).request(ALERT, others, declarationOf(type), NOW);
    if (request === undefined) throw new Error('nothing is sent');
    const answer = RECEIVERS[type].receive(request, NOW);
    expect(answer.status >= 300 || httpChannelOf(declarationOf(type)).refusal(answer) !== undefined).toBe(true);
  });
});

describe('Links', () => {
  it('may be clicked, without the full stop after them', () => {
    expect(JSON.parse(requestOf('slack', ALERT).body).blocks[1].elements[0].elements).toContainEqual({
      type: 'link',
      url: 'https://ca.test/unpause?a=1&b=2',
    });
    expect(requestOf('teams', ALERT).body).toContain(
      '"selectAction":{"type":"Action.OpenUrl","url":"https://ca.test/unpause?a=1&b=2"}',
    );
    expect(requestOf('feishu', ALERT).body).toContain('"href":"https://ca.test/unpause?a=1&b=2"');
    expect(JSON.parse(requestOf('pagerduty', ALERT).body).links).toEqual([
      { href: 'https://ca.test/unpause?a=1&b=2', text: 'https://ca.test/unpause?a=1&b=2' },
    ]);
  });
});
