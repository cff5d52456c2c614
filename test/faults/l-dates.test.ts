import { afterEach, describe, expect, it } from 'vitest';
import { renewAtOf } from '../../lambdas/core/renewal.ts';
import { readIssued } from '../../lambdas/core/verify-certificate.ts';
import { makeCertificate } from '../support/certificates.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';
import { liveUntil } from './stage.ts';

let account: VirtualAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

const DOMAIN = 'example.test';

describe('dates', () => {
  it.each([
    ['a leap day', '2028-02-29T00:00:00Z'],
    ['the end of 32-bit seconds', '2038-01-19T03:14:08Z'],
    ['the turn from UTCTime to GeneralizedTime', '2050-01-01T00:00:00Z'],
  ])(
    'around %s are read from a certificate to the second, and it is renewed a third before its end [L30]',
    async (_what, end) => {
      const notAfter = Date.parse(end) + 30 * DAY;
      const notBefore = notAfter - 90 * DAY;
      const made = await makeCertificate({
        domains: [DOMAIN],
        notBefore: new Date(notBefore),
        notAfter: new Date(notAfter),
      });
      const issued = readIssued(made.leafPem + made.intermediatesPem);
      expect([issued?.notBefore, issued?.notAfter]).toEqual([notBefore, notAfter]);
      expect(renewAtOf({ notBefore, notAfter }, {}, () => 0)).toBe(notAfter - 30 * DAY);
    },
  );

  it.each(['2028-02-27T12:00:00Z', '2038-01-17T12:00:00Z', '2049-12-30T12:00:00Z'])(
    'of an account that lives across %s lose no renewal [L30]',
    async (eve) => {
      const live = await startVirtualAccount();
      account = live;
      await live.virtual.advance(Date.parse(eve) - 60 * DAY - live.virtual.clock.now());
      await live.deploy([live.declaration('site', [DOMAIN])]);
      await live.sweep();
      const before = await servedAt(live, DOMAIN);
      await liveUntil(live, () => live.ca.journal.issued.length === 3, 200 * DAY);
      await expectOracles(live, { domain: DOMAIN, issued: 3, before });
    },
  );
});
