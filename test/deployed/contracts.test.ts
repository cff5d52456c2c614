import { ACMClient } from '@aws-sdk/client-acm';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../lambdas/ports/clock.ts';
import { ACM_CLIENT_SETTINGS } from '../../lambdas/targets/acm.ts';
import { AcmAccount } from '../../local/aws/acm.ts';
import { type AcmFront, startAcmFront } from '../../local/deployed/acm-front.ts';
import { type MiniStack, startMiniStack } from '../../local/deployed/ministack.ts';
import { findPython } from '../../local/peers/python.ts';
import { publisherSuite } from '../lambdas/dns/publisher-suite.ts';
import { acmPortContract } from '../lambdas/targets/acm-contract.ts';

/** A first installation of MiniStack included. */
const START_MS = 10 * 60_000;

function emptyAcm(): AcmAccount {
  return new AcmAccount({ now: Date.now, accountId: '000000000000', region: 'us-east-1' });
}

// What the suites of the ports promise is asked of an account that is reached by HTTP, so that the wire formats are right too.
describe.runIf((await findPython()) !== undefined)('MiniStack', () => {
  let acm = emptyAcm();
  let ministack: MiniStack;
  let front: AcmFront;

  beforeAll(async () => {
    ministack = await startMiniStack({
      environment: async (ground) => {
        front = await startAcmFront({ call: (operation, input) => acm.call(operation, input) }, ground);
        return { AWS_ENDPOINT_URL_ACM: front.endpoint };
      },
    });
  }, START_MS);

  afterAll(async () => {
    await ministack?.stop();
    await front?.stop();
  });

  acmPortContract('the strict ACM before MiniStack’s', async () => {
    acm = emptyAcm();
    return new ACMClient({ ...ministack.client, ...ACM_CLIENT_SETTINGS, endpoint: front.endpoint });
  });

  publisherSuite('MiniStack', () => ({
    client: () => new Route53Client(ministack.client),
    createZone: async (Name) => {
      const command = new CreateHostedZoneCommand({ Name, CallerReference: `${Name} ${process.hrtime.bigint()}` });
      const { HostedZone } = await new Route53Client(ministack.client).send(command);
      return (HostedZone?.Id ?? '').replace('/hostedzone/', '');
    },
    clock: systemClock,
    settle: async () => undefined,
  }));
});
