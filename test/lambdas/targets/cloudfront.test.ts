import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { describe, expect, it } from 'vitest';
import { createCloudFrontPort } from '../../../lambdas/targets/cloudfront.ts';
import { CloudFrontAccount } from '../../../local/aws/cloudfront.ts';
import { AwsFault } from '../../../local/aws/fault.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { type Around, connectFake } from '../../../local/aws/seam.ts';

const ARN = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const OTHER = ARN.replace('1111', '9999');
const DOMAINS = ['*.shop.test', 'shop.test'];

function setUp(around?: Around) {
  const clock = { now: 0 };
  const account = new CloudFrontAccount({
    now: () => clock.now,
    accountId: '123456789012',
    certificate: (arn) => (arn === ARN || arn === OTHER ? { domains: DOMAINS, usable: true } : undefined),
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new CloudFrontClient({ region: 'us-east-1', credentials, retryStrategy: retriesWithoutDelay() });
  connectFake(client, account, around);
  return { account, clock, port: createCloudFrontPort({ client }) };
}

const failure = (detail: object) => expect.objectContaining({ detail: expect.objectContaining(detail) });

/** Does something just before the first so many calls of an operation. */
function justBefore(operation: string, times: number, act: () => void): Around {
  let left = times;
  return async (asked, _input, send) => {
    if (asked === operation && left > 0) {
      left -= 1;
      act();
    }
    return send();
  };
}

describe('A distribution', () => {
  it('is given the certificate, keeps everything else, and is deployed some minutes later', async () => {
    const { account, clock, port } = setUp();
    const id = account.createDistribution(['www.shop.test', 'shop.test']);
    const earlier = account.config(id);
    expect(await port.associate(id, { acmArn: ARN }, DOMAINS)).toEqual({ deployed: false });
    expect(account.config(id)).toEqual({
      ...earlier,
      ViewerCertificate: {
        ACMCertificateArn: ARN,
        SSLSupportMethod: 'sni-only',
        MinimumProtocolVersion: 'TLSv1.2_2021',
        CloudFrontDefaultCertificate: false,
      },
    });
    clock.now += 180_000;
    expect(await port.associate(id, { acmArn: ARN }, DOMAINS)).toEqual({ deployed: true });
  });

  it('that serves the ARN already is not changed', async () => {
    const operations: string[] = [];
    const { account, port } = setUp(async (operation, _input, act) => {
      operations.push(operation);
      return act();
    });
    const id = account.createDistribution(['shop.test']);
    await port.associate(id, { acmArn: ARN }, DOMAINS);
    operations.length = 0;
    await port.associate(id, { acmArn: ARN }, DOMAINS);
    expect(operations).toEqual(['GetDistribution']);
  });

  it('keeps protocol and support method that a person has chosen, and loses an IAM certificate', async () => {
    const { account, port } = setUp();
    const id = account.createDistribution(['shop.test'], {
      ViewerCertificate: {
        IAMCertificateId: 'ASCA',
        Certificate: 'ASCA',
        CertificateSource: 'iam',
        SSLSupportMethod: 'vip',
        MinimumProtocolVersion: 'TLSv1.3_2025',
      },
    });
    await port.associate(id, { acmArn: ARN }, DOMAINS);
    expect(account.config(id).ViewerCertificate).toEqual({
      ACMCertificateArn: ARN,
      SSLSupportMethod: 'vip',
      MinimumProtocolVersion: 'TLSv1.3_2025',
      CloudFrontDefaultCertificate: false,
    });
  });

  it('that somebody changes meanwhile is read again, and his change stays [L34]', async () => {
    let id = '';
    const { account, port } = setUp(justBefore('UpdateDistribution', 2, () => account.touch(id, 'his')));
    id = account.createDistribution(['shop.test']);
    await port.associate(id, { acmArn: ARN }, DOMAINS);
    expect(account.config(id)).toMatchObject({ Comment: 'his', ViewerCertificate: { ACMCertificateArn: ARN } });
  });

  it('that is changed again and again is left for a later try', async () => {
    let id = '';
    const { account, port } = setUp(justBefore('UpdateDistribution', 99, () => account.touch(id, 'his')));
    id = account.createDistribution(['shop.test']);
    await expect(port.associate(id, { acmArn: ARN }, DOMAINS)).rejects.toEqual(
      failure({ class: 'transient', code: 'PreconditionFailed' }),
    );
    expect(account.config(id).ViewerCertificate?.CloudFrontDefaultCertificate).toBe(true);
  });

  it('is tried again where CloudFront does not know the certificate yet', async () => {
    const { account, port } = setUp();
    const id = account.createDistribution(['shop.test']);
    const unknown = ARN.replace('1111', '0000');
    await expect(port.associate(id, { acmArn: unknown }, DOMAINS)).rejects.toEqual(
      failure({ class: 'transient', code: 'InvalidViewerCertificate', message: expect.stringContaining(id) }),
    );
  });

  it('whose alias the certificate does not cover is refused by name', async () => {
    const { account, port } = setUp();
    const id = account.createDistribution(['shop.test', 'other.test', 'a.b.shop.test']);
    await expect(port.associate(id, { acmArn: ARN }, DOMAINS)).rejects.toEqual(
      failure({ class: 'person', message: expect.stringContaining('other.test, a.b.shop.test') }),
    );
  });

  it('of several tenants is refused', async () => {
    const { account, port } = setUp();
    const id = account.createDistribution([], { ConnectionMode: 'tenant-only' });
    await expect(port.associate(id, { acmArn: ARN }, DOMAINS)).rejects.toEqual(
      failure({ class: 'person', code: 'distributionTenants' }),
    );
  });

  it('that does not exist is told by its id', async () => {
    const { port } = setUp();
    await expect(port.associate('ENOWHERE', { acmArn: ARN }, DOMAINS)).rejects.toEqual(
      failure({ class: 'person', code: 'NoSuchDistribution', message: expect.stringContaining('Remove ENOWHERE') }),
    );
  });

  it.each([
    ['Throttling', 400, 'transient'],
    ['ServiceUnavailable', 503, 'transient'],
    ['AccessDenied', 403, 'person'],
    ['CNAMEAlreadyExists', 409, 'person'],
  ])('answered by %s (%i) is a %s failure', async (code, status, failureClass) => {
    const { account, port } = setUp(async (operation, _input, act) => {
      if (operation === 'UpdateDistribution') throw new AwsFault(code, 'told so', status);
      return act();
    });
    const id = account.createDistribution(['shop.test']);
    await expect(port.associate(id, { acmArn: ARN }, DOMAINS)).rejects.toEqual(failure({ class: failureClass, code }));
  });
});
