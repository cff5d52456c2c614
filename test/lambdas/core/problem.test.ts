import { describe, expect, it } from 'vitest';
import { scopeOf } from '../../../lambdas/core/failure-scope.ts';
import type { AcmeAnswer, AcmeRequest, Problem } from '../../../lambdas/core/problem.ts';
import {
  classOf,
  FAILED_VALIDATION_MS,
  failureOf,
  parseProblem,
  validationFailure,
} from '../../../lambdas/core/problem.ts';
import { KNOWN_TYPES } from '../../../lambdas/core/problem-types.ts';

const NOW = Date.UTC(2027, 0, 1);
const URN = 'urn:ietf:params:acme:error:';

function problem(type: string, detail = '', subproblems: Problem['subproblems'] = []): Problem {
  return { type, detail, subproblems };
}

function answer(request: AcmeRequest, status: number, type = '', rest: Partial<AcmeAnswer> = {}): AcmeAnswer {
  return { request, status, problem: problem(type), ...rest };
}

describe('A problem document', () => {
  it('is read with its subproblems (RFC 8555 section 6.7.1), whatever else it holds', () => {
    const body = {
      type: `${URN}malformed`,
      title: 'Some of the identifiers requested were rejected',
      detail: 'Two are bad',
      status: 400,
      subproblems: [
        { type: `${URN}rejectedIdentifier`, detail: 'blocked', identifier: { type: 'dns', value: 'a.test' } },
        { type: `${URN}caa`, detail: 'forbidden' },
        'no object',
        null,
      ],
    };
    expect(parseProblem(body)).toEqual({
      type: 'malformed',
      detail: 'Two are bad',
      subproblems: [
        { type: 'rejectedIdentifier', detail: 'blocked', identifier: 'a.test' },
        { type: 'caa', detail: 'forbidden' },
      ],
    });
  });

  it.each([
    ['without the prefix', 'rateLimited', 'rateLimited'],
    ['with the prefix in other case', 'URN:IETF:params:acme:error:rateLimited', 'rateLimited'],
    ['in another case', `${URN}RATElimited`, 'rateLimited'],
    ['without the prefix and in another case', 'badnonce', 'badNonce'],
    ['of an unknown kind', `${URN}newFashioned`, 'newFashioned'],
    ['of another namespace', 'https://ca.test/problems/odd', 'https://ca.test/problems/odd'],
    ['of no kind of its own', 'about:blank', ''],
    ['that is missing', undefined, ''],
    ['that is a number', 42, ''],
  ])('has a type %s', (_what, type, expected) => {
    expect(parseProblem({ type }).type).toBe(expected);
  });

  it.each([undefined, null, 'text', 42, [], '<html>busy</html>'])('is empty where the body is %j', (body) => {
    expect(parseProblem(body)).toEqual({ type: '', detail: '', subproblems: [] });
  });
});

describe('The class of a refusal', () => {
  // Every type of RFC 8555 section 6.7, of the registry, of RFC 9773 section 7.4 and of the profiles draft.
  const TYPES = [
    ['accountDoesNotExist', 400, 'transient'],
    ['autoRenewalCanceled', 403, 'bug'],
    ['autoRenewalCancellationInvalid', 400, 'bug'],
    ['autoRenewalExpired', 403, 'bug'],
    ['autoRenewalRevocationNotSupported', 403, 'bug'],
    ['conflict', 409, 'person'],
    ['foreignUrl', 200, 'caSide'],
    ['onionCAARequired', 403, 'person'],
    ['unknownDelegation', 403, 'bug'],
    ['untrustedCa', 0, 'caSide'],
    ['alreadyReplaced', 409, 'reorder'],
    ['alreadyRevoked', 400, 'bug'],
    ['badCSR', 400, 'bug'],
    ['badNonce', 400, 'transient'],
    ['badPublicKey', 400, 'person'],
    ['badRevocationReason', 400, 'bug'],
    ['badSignatureAlgorithm', 400, 'person'],
    ['caa', 403, 'person'],
    ['compound', 400, 'person'],
    ['connection', 400, 'reorder'],
    ['dns', 400, 'reorder'],
    ['externalAccountRequired', 403, 'person'],
    ['incorrectResponse', 403, 'reorder'],
    ['invalidContact', 400, 'person'],
    ['invalidProfile', 400, 'person'],
    ['malformed', 400, 'bug'],
    ['orderNotReady', 403, 'reconcile'],
    ['rateLimited', 429, 'later'],
    ['rejectedIdentifier', 400, 'person'],
    ['serverInternal', 500, 'caSide'],
    ['tls', 400, 'reorder'],
    ['unauthorized', 403, 'person'],
    ['unauthorized', 401, 'person'],
    ['unsupportedContact', 400, 'person'],
    ['unsupportedIdentifier', 400, 'person'],
    ['userActionRequired', 403, 'person'],
  ] as const;

  it.each(TYPES)('of type %s (%i) is %s', (type, status, expected) => {
    expect(classOf(answer(type === 'orderNotReady' ? 'finalize' : 'order', status, type))).toBe(expected);
  });

  it('has a case here for every type that has a rule', () => {
    expect([...new Set(TYPES.map(([type]) => type))].sort()).toEqual([...KNOWN_TYPES].sort());
  });

  it.each(['newOrder', 'finalize', 'challenge'] as const)(
    'of a %s that was never sent is the CA’s side, not uncertain',
    (request) => {
      expect(classOf(answer(request, 200, 'foreignUrl'))).toBe('caSide');
      expect(classOf(answer(request, 0, 'untrustedCa'))).toBe('caSide');
    },
  );

  it.each(['malformed', 'compound', 'rejectedIdentifier', ''])(
    'of type "%s" is for a person where single names are refused for good',
    (type) => {
      const subs = [
        { type: 'dns', detail: 'SERVFAIL', identifier: 'a.test' },
        { type: 'rejectedIdentifier', detail: 'blocked', identifier: 'b.test' },
      ];
      expect(classOf({ request: 'newOrder', status: 400, problem: problem(type, 'two', subs) })).toBe('person');
    },
  );

  it('that says the URL was another one names both', () => {
    const url = 'https://ca.test/new-order';
    const said = problem(
      'malformed',
      'JWS header "url" is "https://ca.test/new-order", not "https://inner.test/new-order"',
    );
    const failure = failureOf({ request: 'newOrder', status: 400, problem: said, url }, 'ca');
    expect(failure).toMatchObject({ class: 'person', code: 'otherUrl' });
    expect(failure.message).toContain('https://inner.test/new-order');
    expect(failure.message).toContain('was signed for https://ca.test/new-order');
    expect(failure.url).toBeUndefined();
    const other = problem('malformed', 'see https://ca.test/docs');
    expect(classOf({ request: 'newOrder', status: 400, problem: other, url })).toBe('bug');
  });

  it.each([
    ['order', 0, 'transient'],
    ['order', 500, 'transient'],
    ['order', 502, 'transient'],
    ['order', 404, 'reorder'],
    ['order', 403, 'person'],
    ['directory', 0, 'caSide'],
    ['directory', 503, 'caSide'],
    ['directory', 404, 'caSide'],
    ['directory', 410, 'caSide'],
    ['newNonce', 503, 'transient'],
    ['newAccount', 400, 'person'],
    ['newOrder', 400, 'person'],
  ] as const)('without a problem document goes by the status: %s answered %i is %s', (request, status, expected) => {
    expect(classOf({ request, status })).toBe(expected);
    expect(classOf(answer(request, status, 'ofAnotherWorld'))).toBe(expected);
  });

  it.each(['newOrder', 'challenge', 'finalize'] as const)(
    'of a %s that may have been carried out is reconcile, whatever the answer says',
    (request) => {
      expect(classOf({ request, status: 0 })).toBe('reconcile');
      expect(classOf({ request, status: 200 })).toBe('reconcile');
      expect(classOf(answer(request, 500, 'serverInternal'))).toBe('reconcile');
      expect(classOf(answer(request, 503, 'rateLimited', { retryAt: NOW }))).toBe('reconcile');
      expect(classOf(answer(request, 400, 'badCSR'))).toBe('bug');
    },
  );

  it('of a 429 is later with Retry-After, and later without, but a pause is for a person', () => {
    const paused = problem('rateLimited', 'Paused. Visit https://ca.test/unpause?jwt=x to unpause.');
    const limited = problem('rateLimited', 'See https://ca.test/docs/rate-limits');
    expect(classOf({ request: 'newOrder', status: 429, problem: paused })).toBe('person');
    expect(classOf({ request: 'newOrder', status: 429, problem: limited, retryAt: NOW })).toBe('later');
    expect(classOf(answer('newOrder', 429, 'rateLimited'))).toBe('later');
    expect(classOf({ request: 'newOrder', status: 429 })).toBe('later');
  });

  it('with Retry-After is later whatever its type', () => {
    expect(classOf(answer('order', 503, '', { retryAt: NOW }))).toBe('later');
    expect(classOf(answer('order', 500, 'serverInternal', { retryAt: NOW }))).toBe('later');
  });
});

describe('The failure that an answer means', () => {
  it('names CA, status, type, request, detail and each subproblem', () => {
    const refused = problem('rejectedIdentifier', 'Two are bad', [
      { type: 'rejectedIdentifier', detail: 'blocked', identifier: 'a.test' },
      { type: 'caa', detail: 'forbidden' },
    ]);
    expect(failureOf({ request: 'newOrder', status: 400, problem: refused, requestId: 'r-1' }, 'ca')).toEqual({
      class: 'person',
      code: 'rejectedIdentifier',
      message:
        'ca answered 400 rejectedIdentifier to newOrder: Two are bad; a.test: rejectedIdentifier blocked; ?: caa forbidden. ' +
        'Correct the domains of this certificate, or choose another CA for it.',
      ca: 'ca',
      request: 'newOrder',
      status: 400,
      requestId: 'r-1',
      subproblems: refused.subproblems,
    });
  });

  it.each([
    [{ request: 'order', status: 0 }, 'noAnswer', 'ca gave no answer to order'],
    [{ request: 'order', status: 502 }, 'http502', 'ca answered 502 to order'],
  ] as const)('has a code also without a problem document', (given, code, message) => {
    expect(failureOf(given, 'ca')).toMatchObject({ code, message });
  });

  it('carries Retry-After, and the URL that a person must open', () => {
    const terms = problem('userActionRequired', 'Terms have changed (https://ca.test/terms/v2).');
    const failure = failureOf({ request: 'newOrder', status: 403, problem: terms, retryAt: NOW }, 'ca');
    expect(failure).toMatchObject({ retryAt: NOW, url: 'https://ca.test/terms/v2' });
  });

  it.each([
    ['its instance (RFC 8555 section 7.3.3)', { ...problem('userActionRequired'), instance: 'https://ca.test/t' }, {}],
    ['the terms-of-service link', problem('userActionRequired'), { termsUrl: 'https://ca.test/t' }],
    ['the detail of a pause', problem('rateLimited', 'Visit: https://ca.test/t'), { status: 429 }],
    ['the detail', problem('externalAccountRequired', 'Register at https://ca.test/t.'), {}],
  ])('has the URL that a person must open from %s', (_what, said, more) => {
    const failure = failureOf({ request: 'newOrder', status: 403, problem: said, ...more }, 'ca');
    expect(failure).toMatchObject({ class: 'person', url: 'https://ca.test/t' });
  });

  it('does not send a person to a URL that is only spoken of', () => {
    const limited = problem('rateLimited', 'See https://ca.test/docs/rate-limits');
    const failure = failureOf({ request: 'newOrder', status: 429, problem: limited, retryAt: NOW }, 'ca');
    expect(failure.url).toBeUndefined();
    const elsewhere = problem('foreignUrl', 'the CA returned the URL https://evil.test/');
    expect(failureOf({ request: 'order', status: 200, problem: elsewhere }, 'ca').url).toBeUndefined();
  });

  it('names the algorithms that the CA would take', () => {
    const refused = { ...problem('badSignatureAlgorithm', 'no'), algorithms: ['RS256', 'ES384'] };
    const { message } = failureOf({ request: 'newAccount', status: 400, problem: refused }, 'ca');
    expect(message).toContain('It takes RS256, ES384');
  });

  it.each([
    ['certificates (5) already issued for this exact set of identifiers', 'names'],
    ['failed authorizations (5) for "a.test" in the last 1h', 'names'],
    ['new orders (300) from this account', 'account'],
    ['certificates (50) already issued for "a.test" in the last 168h', 'domain'],
    ['new registrations (10) from this IP address', 'account'],
    ['something that nobody here knows', 'names'],
  ])('holds, where too many %s, for its %s', (words, scope) => {
    const said = problem('rateLimited', `too many ${words}, retry after 2027-01-02`);
    expect(failureOf({ request: 'newOrder', status: 429, problem: said, retryAt: NOW }, 'ca').scope).toBe(scope);
  });

  it.each([
    ['order', 503, '', 'ca'],
    ['order', 503, 'rateLimited', 'ca'],
    ['newOrder', 429, '', 'ca'],
    ['newAccount', 429, 'rateLimited', 'account'],
    ['order', 404, 'malformed', 'names'],
  ] as const)('of %s answered %i "%s" with Retry-After holds for the %s', (request, status, type, scope) => {
    expect(scopeOf(answer(request, status, type, { retryAt: NOW }))).toBe(scope);
  });
});

describe('A validation that failed', () => {
  it.each([
    ['dns', 'reorder'],
    ['unauthorized', 'reorder'],
    ['connection', 'reorder'],
    ['incorrectResponse', 'reorder'],
    ['tls', 'reorder'],
    ['malformed', 'reorder'],
    ['', 'reorder'],
    ['ofAnotherWorld', 'reorder'],
    ['caa', 'person'],
    ['rejectedIdentifier', 'person'],
    ['compound', 'person'],
    ['serverInternal', 'caSide'],
    ['rateLimited', 'later'],
  ])('for the reason "%s" is %s', (type, expected) => {
    const { detail } = validationFailure(problem(type, 'a.test: wrong'), 'ca', NOW);
    expect(detail.class).toBe(expected);
    expect(detail.message).toContain('a.test: wrong');
    expect(detail.retryAt).toBe(expected === 'reorder' ? NOW + FAILED_VALIDATION_MS : undefined);
  });

  it('without any reason says so', () => {
    const { detail } = validationFailure(parseProblem({}), 'ca', NOW);
    expect(detail).toMatchObject({ code: 'orderInvalid', message: 'ca ended the order: no reason given' });
  });
});
