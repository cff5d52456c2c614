import {
  type CloudFrontClient,
  type DistributionConfig,
  GetDistributionCommand,
  UpdateDistributionCommand,
} from '@aws-sdk/client-cloudfront';
import { expect } from 'vitest';
import { createCloudFrontPort } from '../../../lambdas/targets/cloudfront.ts';
import { contract, type Judge } from '../../support/contract.ts';

const DOMAINS = ['*.shop.test', 'shop.test'];

/** Who plays CloudFront, as somebody who has made a distribution and a certificate for {@link DOMAINS} finds it. */
export type CloudFrontBench = {
  readonly client: CloudFrontClient;
  /** Makes a distribution with CloudFront's own certificate; its id. */
  readonly createDistribution: (aliases: readonly string[]) => Promise<string>;
  /** Imports a certificate of the names where CloudFront reads it; its ARN. */
  readonly importCertificate: (domains: readonly string[]) => Promise<string>;
  /** Lets updates become those of every edge. */
  readonly settle: () => Promise<void>;
};

/** What the CloudFront port promises, and what it relies on, whoever plays CloudFront. */
export function cloudFrontContract(judge: Judge, open: () => Promise<CloudFrontBench>): void {
  const setUp = async () => {
    const bench = await open();
    const read = async (Id: string): Promise<Read> => {
      const { Distribution, ETag } = await bench.client.send(new GetDistributionCommand({ Id }));
      return { config: Distribution?.DistributionConfig ?? expect.fail('no configuration'), etag: ETag };
    };
    const update = (Id: string, IfMatch: string | undefined, DistributionConfig: DistributionConfig) =>
      bench.client.send(new UpdateDistributionCommand({ Id, IfMatch, DistributionConfig }));
    return { ...bench, read, update, port: createCloudFrontPort({ client: bench.client }) };
  };

  contract('The CloudFront port', judge, (it) => {
    it('gives a distribution the certificate and keeps everything else', async () => {
      const { port, read, createDistribution, importCertificate } = await setUp();
      const [id, arn] = [await createDistribution(['www.shop.test']), await importCertificate(DOMAINS)];
      const { config: before } = await read(id);
      await port.associate(id, { acmArn: arn }, DOMAINS);
      const { config: after } = await read(id);
      expect(after.ViewerCertificate).toMatchObject({
        ACMCertificateArn: arn,
        SSLSupportMethod: 'sni-only',
        MinimumProtocolVersion: 'TLSv1.2_2021',
      });
      expect(withoutCertificate(after)).toEqual(withoutCertificate(before));
    });

    it('says that an update is not everywhere yet, and later that it is', async () => {
      const { port, createDistribution, importCertificate, settle } = await setUp();
      const [id, arn] = [await createDistribution([]), await importCertificate(DOMAINS)];
      expect(await port.associate(id, { acmArn: arn }, DOMAINS)).toEqual({ deployed: false });
      await settle();
      expect(await port.associate(id, { acmArn: arn }, DOMAINS)).toEqual({ deployed: true });
    });

    it('gives every version of a configuration another ETag, and refuses an update of an earlier one', async () => {
      const { createDistribution, read, update } = await setUp();
      const id = await createDistribution([]);
      const { config, etag } = await read(id);
      await update(id, etag, { ...config, Comment: 'his' });
      expect((await read(id)).etag).not.toBe(etag);
      await expect(update(id, etag, { ...config, Comment: 'mine' })).rejects.toMatchObject({
        name: 'PreconditionFailed',
      });
      expect((await read(id)).config.Comment).toBe('his');
    });

    it('has a certificate that CloudFront does not know tried again', async () => {
      const { port, createDistribution, importCertificate } = await setUp();
      const [id, arn] = [await createDistribution([]), await importCertificate(DOMAINS)];
      const unknown = arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
      await expect(port.associate(id, { acmArn: unknown }, DOMAINS)).rejects.toMatchObject({
        detail: { class: 'transient', code: 'InvalidViewerCertificate', message: expect.stringContaining(id) },
      });
    });

    it('refuses a certificate that does not cover an alias, whatever the port was told of it', async () => {
      const { port, createDistribution, importCertificate } = await setUp();
      const [id, arn] = [await createDistribution(['shop.test']), await importCertificate(['other.test'])];
      await expect(port.associate(id, { acmArn: arn }, ['shop.test'])).rejects.toMatchObject({
        detail: { class: 'transient', code: 'InvalidViewerCertificate' },
      });
    });

    it('says which distribution does not exist', async () => {
      const { port, importCertificate } = await setUp();
      const arn = await importCertificate(DOMAINS);
      await expect(port.associate('E00000NOWHERE', { acmArn: arn }, DOMAINS)).rejects.toMatchObject({
        detail: { class: 'person', code: 'NoSuchDistribution', message: expect.stringContaining('E00000NOWHERE') },
      });
    });
  });
}

type Read = { readonly config: DistributionConfig; readonly etag: string | undefined };

function withoutCertificate({ ViewerCertificate: _, ...rest }: DistributionConfig): object {
  return rest;
}
