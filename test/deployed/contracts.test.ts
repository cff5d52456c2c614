import { ACMClient } from '@aws-sdk/client-acm';
import { afterAll, beforeAll, describe } from 'vitest';
import { ACM_CLIENT_SETTINGS } from '../../lambdas/targets/acm.ts';
import { AcmAccount } from '../../local/aws/acm.ts';
import { type AcmFront, startAcmFront } from '../../local/deployed/acm-front.ts';
import { type MiniStack, startMiniStack } from '../../local/deployed/ministack.ts';
import { findPython } from '../../local/peers/python.ts';
import { portContracts } from '../lambdas/port-contracts.ts';
import { acmPortContract } from '../lambdas/targets/acm-contract.ts';
import { emulatedAccount } from '../support/emulator/emulated-account.ts';
import { MINISTACK_DIFFERENCES } from './ministack-differences.ts';

/** A first installation of MiniStack included. */
const START_MS = 10 * 60_000;

// What the ports promise is asked of an account that is reached by HTTP, so that the wire formats are right too.
describe.runIf((await findPython()) !== undefined)('The contracts', () => {
  const acm = new AcmAccount({ now: Date.now, accountId: '000000000000', region: 'us-east-1' });
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

  acmPortContract({ name: 'the strict ACM before MiniStack' }, async () => {
    return new ACMClient({ ...ministack.client, ...ACM_CLIENT_SETTINGS, endpoint: front.endpoint });
  });

  portContracts(
    'MiniStack',
    emulatedAccount(() => ministack.client),
    MINISTACK_DIFFERENCES,
  );
});
