import { X509Certificate } from 'node:crypto';
import { Agent as HttpsAgent } from 'node:https';
import * as acme from 'acme-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ca, startCa } from '../../local/ca/ca.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { verifies } from './support/chain.ts';
import { startZone, type Zone } from './support/zone.ts';

const ten = Array.from({ length: 10 }, (_, index) => `n${index}.ten.example.test`);

describe.each([
  ['by the RFC', {}],
  ['by the habits of Boulder', { habits: BOULDER_HABITS }],
])("acme-client's own auto at a CA %s", (_manner, options) => {
  let zone: Zone;
  let ca: Ca;
  let client: acme.Client;
  const agent = acme.axios.defaults.httpsAgent as unknown;

  beforeAll(async () => {
    zone = await startZone();
    ca = await startCa({ ...options, resolver: zone.address });
    acme.axios.defaults.httpsAgent = new HttpsAgent({ ca: ca.rootPem });
    client = new acme.Client({ directoryUrl: ca.directoryUrl, accountKey: await acme.crypto.createPrivateEcdsaKey() });
  });
  afterAll(async () => {
    acme.axios.defaults.httpsAgent = agent;
    await ca.stop();
    await zone.close();
  });

  async function issue(names: readonly string[]): Promise<string> {
    const [, csr] = await acme.crypto.createCsr({ altNames: [...names] }, await acme.crypto.createPrivateEcdsaKey());
    return client.auto({
      csr,
      email: 'someone@example.test',
      termsOfServiceAgreed: true,
      challengePriority: ['dns-01'],
      skipChallengeVerification: true,
      challengeCreateFn: async (authorization, _challenge, value) =>
        zone.txt(`_acme-challenge.${authorization.identifier.value}`, value),
      challengeRemoveFn: async () => undefined,
    });
  }

  it.each([[['one.example.test']], [['both.example.test', '*.both.example.test']], [ten]])(
    'registers and issues for %j',
    async (names) => {
      const chain = await issue(names);
      expect(verifies(chain, ca.issuerRootsPem)).toEqual({ certificates: 2, verifies: true });
      expect(new X509Certificate(chain).subjectAltName?.split(', ').toSorted()).toEqual(
        names.map((name) => `DNS:${name}`).toSorted(),
      );
    },
  );

  it('renews and revokes', async () => {
    const chain = await issue(['one.example.test']);
    await client.revokeCertificate(chain);
    expect(ca.control.certificates().filter(({ revoked }) => revoked).length).toBe(1);
    expect(ca.control.certificates().filter(({ names }) => names.includes('one.example.test')).length).toBe(2);
    expect(ca.journal.requests.filter(({ status = 0 }) => status >= 400)).toEqual([]);
  });
});
