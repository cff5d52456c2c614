import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../lambdas/store/condition.ts';
import {
  absent,
  all,
  any,
  atMost,
  below,
  createBinder,
  differs,
  equals,
  present,
} from '../../../lambdas/store/condition.ts';

function written(condition: Condition) {
  const { binder, bindings } = createBinder();
  return { text: condition(binder), ...bindings };
}

describe('a condition', () => {
  it.each([
    ['equals', equals('status', 1), '#status = :v0'],
    ['differs', differs('status', 1), '#status <> :v0'],
    ['at most', atMost('status', 1), '#status <= :v0'],
    ['below', below('status', 1), '#status < :v0'],
  ])('that compares by "%s" names attribute and value by placeholders', (_what, condition, text) => {
    expect(written(condition)).toEqual({ text, names: { '#status': 'status' }, values: { ':v0': 1 } });
  });

  it.each([
    ['absent', absent('ttl'), 'attribute_not_exists(#ttl)'],
    ['present', present('ttl'), 'attribute_exists(#ttl)'],
  ])('that wants an attribute %s binds no value', (_what, condition, text) => {
    expect(written(condition)).toEqual({ text, names: { '#ttl': 'ttl' }, values: {} });
  });

  it('of several parts keeps them together, each value with a placeholder of its own', () => {
    const { text, values } = written(all(equals('a', 'x'), any(absent('b'), differs('b', 'x')), below('c', 3)));
    expect(text).toBe('(#a = :v0 AND (attribute_not_exists(#b) OR #b <> :v1) AND #c < :v2)');
    expect(values).toEqual({ ':v0': 'x', ':v1': 'x', ':v2': 3 });
  });

  it('may name what is inside a map, by a key that no expression could spell', () => {
    expect(written(present('outbox\nsite/issued:1-2.3'))).toEqual({
      text: 'attribute_exists(#outbox.#site_issued_1_2_3)',
      names: { '#outbox': 'outbox', '#site_issued_1_2_3': 'site/issued:1-2.3' },
      values: {},
    });
  });
});
