import type { Alert } from '../../../../lambdas/core/alert.ts';

/** When the tests take place. */
export const NOW = Date.UTC(2027, 0, 1, 12);

/** A certificate that fails. */
export const ALERT: Alert = {
  id: '7cc6f1fdb0c01b035a14b1f7',
  event: 'certificate.failing',
  certificate: 'shop',
  at: NOW - 1000,
  subject: 'Perennial: shop: renewal fails (caa)',
  body: 'Renewal of "shop" failed: CAA forbids *.shop_a.test & *.shop_b.test <none>.\nNothing is served yet.\nPerennial tries again at 2027-01-01T13:00:00.000Z.\nA person must open https://ca.test/unpause?a=1&b=2.',
  topicArn: 'arn:aws:sns:eu-west-1:123456789012:Perennial-Topic',
  facts: { what: 'renewal', class: 'person', code: 'caa', since: NOW },
};
