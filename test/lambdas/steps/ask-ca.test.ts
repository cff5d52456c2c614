import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcmeError } from '../../../lambdas/acme/error.ts';
import type { RenewalInfoReader } from '../../../lambdas/acme/renewal-info.ts';
import type { CaSettings } from '../../../lambdas/core/declaration.ts';
import { createQuestions } from '../../../lambdas/steps/ask-ca.ts';
import type { VirtualAccount } from '../../support/virtual-account.ts';
import { startVirtualAccount } from '../../support/virtual-account.ts';

const FLEET = Array.from({ length: 30 }, (_, index) => `certificate.${index}`);
const WINDOW = { suggestedWindow: { start: '2027-02-01T00:00:00Z', end: '2027-02-02T00:00:00Z' } };
const VALIDITY = { notAfter: Date.UTC(2027, 3, 1) };

let account: VirtualAccount;
beforeAll(async () => {
  account = await startVirtualAccount();
});
afterAll(() => account.close());

const caOf = (name: string): CaSettings => ({
  name,
  directoryUrl: `https://${name}.test/directory`,
  environment: 'production',
  accountLabel: 'default',
  contact: [],
});

/** Asks about a fleet, one after the other; how often the CA was asked. */
async function askAll(answerTo: (question: number) => object | AcmeError) {
  const asked = { directory: 0, certificates: 0 };
  const renewalInfo: RenewalInfoReader = {
    directory: async ({ directoryUrl }) => {
      asked.directory += 1;
      return { newNonce: '', newAccount: '', newOrder: '', renewalInfo: new URL('/ari', directoryUrl).href };
    },
    ask: async () => {
      asked.certificates += 1;
      const answer = answerTo(asked.certificates);
      if (answer instanceof AcmeError) throw answer;
      return { body: answer };
    },
  };
  const ask = createQuestions({ ...account.ports.base, renewalInfo }, account.virtual.clock.now() + 60_000);
  const kinds: string[] = [];
  for (const certId of FLEET) kinds.push((await ask(caOf('own'), certId, VALIDITY)).kind);
  return { asked, kinds: [...new Set(kinds)] };
}

const failing = (status: number, retryAt?: number): AcmeError =>
  new AcmeError({ request: 'renewalInfo', status, ...(retryAt === undefined ? {} : { retryAt }) }, 'own');

describe('The questions of one invocation', () => {
  it('look the directory up once', async () => {
    expect(await askAll(() => WINDOW)).toEqual({ asked: { directory: 1, certificates: 30 }, kinds: ['told'] });
  });

  it('end for a CA that asks to be left alone, so that its limit is not met 30 times [J14]', async () => {
    const { asked, kinds } = await askAll(() => failing(503, account.virtual.clock.now() + 60_000));
    expect(asked.certificates).toBe(1);
    expect(kinds).toEqual(['passing']);
  });

  it('end for a CA that has not answered three times in a row, which costs ten seconds each', async () => {
    expect((await askAll(() => failing(0))).asked.certificates).toBe(3);
    expect((await askAll((question) => (question % 3 === 0 ? WINDOW : failing(0)))).asked.certificates).toBe(30);
  });

  it('go on where a CA only knows nothing about some certificates', async () => {
    const { asked, kinds } = await askAll((question) => (question % 2 === 0 ? WINDOW : failing(404)));
    expect(asked.certificates).toBe(30);
    expect(kinds.sort()).toEqual(['lasting', 'told']);
  });
});
