import type { OutboxMessage } from '../../../lambdas/core/rows.ts';

/** When {@link MESSAGE} was written. */
export const AT = Date.parse('2026-11-20T12:00:00Z');

/** A message to tell. */
export const MESSAGE: OutboxMessage = {
  id: 'issued-1',
  event: 'certificate.issued',
  notify: true,
  at: AT,
  certificate: 'shop',
  subject: 'shop has its first certificate',
  body: 'It is served until February.',
  detail: { notAfter: 42, names: 'shop.example.com' },
};
