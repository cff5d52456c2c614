import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import { expect, it } from 'vitest';
import type { ApiGatewayTarget } from '../../lambdas/core/target-declaration.ts';
import { createApiGatewayDriver } from '../../lambdas/targets/api-gateway.ts';
import { RestApiAccount } from '../../local/aws/api-gateway.ts';
import { HttpApiAccount } from '../../local/aws/api-gateway-v2.ts';
import { AcmBeside } from './acm-beside.ts';
import { describeTarget, type TargetStage } from './contract.ts';
import { CLIENT_SETTINGS, StageCalls } from './stage.ts';
import { jobOf, twoVersions } from './target-job.ts';

const OTHERS = 'arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000';
const NAME = 'api.shop.test';

type Stage = TargetStage<ApiGatewayTarget> & {
  readonly acm: AcmBeside;
  readonly http: HttpApiAccount;
  readonly rest: RestApiAccount;
};

const makeStage =
  (api: 'http' | 'rest', endpoint: 'REGIONAL' | 'EDGE' = 'REGIONAL') =>
  (): Stage => {
    const acm = new AcmBeside();
    const http = new HttpApiAccount();
    const rest = new RestApiAccount();
    http.createDomainName(NAME, OTHERS);
    rest.createDomainName(NAME, endpoint, OTHERS);
    const calls = new StageCalls();
    const httpClient = calls.connect(new ApiGatewayV2Client(CLIENT_SETTINGS), http);
    const restClient = calls.connect(new APIGatewayClient(CLIENT_SETTINGS), rest);
    const bound = () => (api === 'http' ? http.configuration(NAME).CertificateArn : rest.certificateArn(NAME));
    return {
      acm,
      http,
      rest,
      driver: createApiGatewayDriver({ httpFor: () => httpClient, restFor: () => restClient }),
      target: { id: 'one', kind: 'api-gateway', domainName: NAME, api, acm: 'acm', probe: 'control-plane' },
      setAround: (around) => calls.setAround(around),
      writes: () => calls.writes(),
      held: async () => acm.held(bound()),
      objects: () => (bound() === OTHERS ? 0 : 1),
      certificateArn: (version) => acm.hold(version),
    };
  };

describeTarget('A domain name of HTTP APIs', makeStage('http'), { bindsOnce: true });
describeTarget('A regional domain name of REST APIs', makeStage('rest'), { bindsOnce: true });
describeTarget('An edge-optimized domain name of REST APIs', makeStage('rest', 'EDGE'), { bindsOnce: true });

async function noWork(): Promise<void> {}
const row = { superseded: [], making: { perhapsAs: [], announce: noWork, refused: noWork, made: noWork } };

it('A domain name keeps all else of its configuration', async () => {
  const { acm, http, driver, target } = makeStage('http')();
  const before = http.configuration(NAME);
  const [version] = await twoVersions();
  const arn = await acm.hold(version);
  await driver.install(jobOf(target, version, row, arn));
  expect(http.configuration(NAME)).toEqual({ ...before, CertificateArn: arn });
});

it.each(['http', 'rest'] as const)('A domain name of %s APIs that is UPDATING is asked again', async (api) => {
  const { acm, http, rest, driver, target } = makeStage(api)();
  const [version] = await twoVersions();
  const arn = await acm.hold(version);
  http.setStatus(NAME, 'UPDATING');
  rest.setStatus(NAME, 'UPDATING');
  expect(await driver.install(jobOf(target, version, row, arn))).toEqual({ remoteId: arn, deployed: false });
});

it('A domain name whose status no time mends is told with what to do', async () => {
  const { acm, http, driver, target } = makeStage('http')();
  const [version] = await twoVersions();
  http.setStatus(NAME, 'PENDING_OWNERSHIP_VERIFICATION');
  await expect(driver.install(jobOf(target, version, row, await acm.hold(version)))).rejects.toMatchObject({
    detail: { class: 'person', message: expect.stringContaining('ownershipVerificationCertificate') },
  });
});

it('An edge-optimized domain name refuses a certificate of another region, with the field to write', async () => {
  const { driver, target } = makeStage('rest', 'EDGE')();
  const [version] = await twoVersions();
  const arn = OTHERS.replace('us-east-1', 'eu-west-1');
  await expect(driver.install(jobOf(target, version, row, arn))).rejects.toMatchObject({
    detail: { class: 'person', message: expect.stringContaining('name its id as acm of the target "one"') },
  });
});

it('A domain name that is not there is told with the fields to correct', async () => {
  const { acm, driver, target } = makeStage('http')();
  const [version] = await twoVersions();
  const gone = { ...target, domainName: 'gone.shop.test' };
  await expect(driver.install(jobOf(gone, version, row, await acm.hold(version)))).rejects.toMatchObject({
    detail: { class: 'person', message: expect.stringContaining('correct domainName, api or region') },
  });
});
