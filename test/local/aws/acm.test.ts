import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  ACMClient,
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  type ImportCertificateCommandInput,
  KeyAlgorithm,
  ListCertificatesCommand,
  type ListCertificatesCommandInput,
  ListTagsForCertificateCommand,
  RenewCertificateCommand,
} from '@aws-sdk/client-acm';
import { describe, expect, it } from 'vitest';
import { AcmAccount, type AcmAccountOptions } from '../../../local/aws/acm.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';
import { ExtendedKeyUsage, KeyUsageFlags, makeCertificate, type TestCertificate } from '../../support/certificates.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
const { digitalSignature, keyEncipherment, dataEncipherment } = KeyUsageFlags;
const { serverAuth, clientAuth, emailProtection } = ExtendedKeyUsage;

type Import = Partial<ImportCertificateCommandInput>;

function setUp(options: Partial<AcmAccountOptions> = {}) {
  const account = new AcmAccount({ now: () => NOW, accountId: '123456789012', region: 'eu-west-1', ...options });
  const client = new ACMClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: retriesWithoutDelay(1),
  });
  const acm = connectFake(client, account);
  const bring = async (made: TestCertificate, more: Import = {}) => {
    const { CertificateArn } = await acm.send(new ImportCertificateCommand({ ...inputOf(made), ...more }));
    return CertificateArn ?? '';
  };
  return { account, acm, bring };
}

/** A certificate valid at {@link NOW}. */
const make = (recipe: Partial<Parameters<typeof makeCertificate>[0]> = {}) =>
  makeCertificate({ domains: ['example.com'], notBefore: new Date(NOW - DAY_MS), ...recipe });

function inputOf(made: TestCertificate): ImportCertificateCommandInput {
  return {
    Certificate: Buffer.from(made.leafPem),
    PrivateKey: Buffer.from(made.privateKeyPem),
    ...(made.intermediatesPem === '' ? {} : { CertificateChain: Buffer.from(made.intermediatesPem) }),
  };
}

/** The signature's last byte is changed; the DER stays well-formed. */
function withLastByteChanged(pem: string): string {
  const der = Buffer.from(new X509Certificate(pem).raw);
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return new X509Certificate(der).toString();
}

const refused = (message: RegExp) =>
  expect.objectContaining({ name: 'ValidationException', message: expect.stringMatching(message) });

describe('ImportCertificate of a new certificate', () => {
  it('takes a leaf with its chain and key, and gives back both', async () => {
    const { account, acm, bring } = setUp();
    const made = await make();
    const arn = await bring(made);
    expect(arn).toMatch(/^arn:aws:acm:eu-west-1:123456789012:certificate\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const got = await acm.send(new GetCertificateCommand({ CertificateArn: arn }));
    expect(got.Certificate).toBe(made.leafPem);
    expect(got.CertificateChain).toBe(made.intermediatesPem);
    expect(account.certificates()).toEqual([
      {
        arn,
        leafPem: made.leafPem,
        chainPem: made.intermediatesPem,
        privateKeyPem: made.privateKeyPem,
        domains: ['example.com'],
        tags: {},
      },
    ]);
  });

  it('takes a chain that ends in its root, and one that is self-signed without chain', async () => {
    const { bring } = setUp();
    const made = await make();
    await bring(made, { CertificateChain: Buffer.from(made.intermediatesPem + made.rootPem) });
    await bring(await make({ selfSigned: true, commonName: 'example.com' }));
  });

  it.each(['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-1024', 'rsa-2048', 'rsa-3072'] as const)(
    'takes a key of type %s',
    async (keyType) => {
      const { bring } = setUp();
      await expect(bring(await make({ keyType }))).resolves.toContain(':certificate/');
    },
  );

  it('refuses a full chain in Certificate', async () => {
    const { bring } = setUp();
    const made = await make();
    await expect(bring(made, { Certificate: Buffer.from(made.chainPem) })).rejects.toEqual(refused(/exactly one/));
  });

  it('refuses a leaf that a CA signed without its chain', async () => {
    const { bring } = setUp();
    await expect(bring(await make(), { CertificateChain: undefined })).rejects.toEqual(
      refused(/CertificateChain is needed/),
    );
  });

  it('refuses a chain that is out of order, of another CA, or begins with the leaf', async () => {
    const { bring } = setUp();
    const made = await make();
    const other = await make({ caKeyType: 'ecdsa-p384' });
    const wrong = [made.rootPem + made.intermediatesPem, other.intermediatesPem, made.chainPem];
    for (const chain of wrong) {
      await expect(bring(made, { CertificateChain: Buffer.from(chain) })).rejects.toEqual(refused(/does not verify/));
    }
  });

  it('refuses a chain that has signed under another name, or has not signed what it names', async () => {
    const { bring } = setUp();
    const renamed = await make({ issuerName: 'CN=Somebody else' });
    const made = await make();
    const forged = { ...made, leafPem: withLastByteChanged(made.leafPem) };
    await expect(bring(renamed)).rejects.toEqual(refused(/does not verify/));
    await expect(bring(forged)).rejects.toEqual(refused(/does not verify/));
  });

  it('refuses an OCSP URL above 1,000 characters', async () => {
    const { bring } = setUp();
    const ocspUrl = 'http://ocsp.test/'.padEnd(1000, 'x');
    await bring(await make({ ocspUrl }));
    await expect(bring(await make({ ocspUrl: `${ocspUrl}x` }))).rejects.toEqual(refused(/OCSP URL/));
  });

  it('refuses a certificate without any name', async () => {
    const { bring } = setUp();
    await expect(bring(await make({ domains: [] }))).rejects.toEqual(refused(/no domain name/));
  });

  it('refuses a key that is another certificate’s, encrypted, or no key', async () => {
    const { bring } = setUp();
    const made = await make();
    const other = await make();
    const encrypted = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    }).privateKey;
    await expect(bring(made, { PrivateKey: Buffer.from(other.privateKeyPem) })).rejects.toEqual(
      refused(/does not match/),
    );
    const twice = made.privateKeyPem + made.privateKeyPem;
    await expect(bring(made, { PrivateKey: Buffer.from(twice) })).rejects.toEqual(refused(/one PEM block/));
    await expect(bring(made, { PrivateKey: Buffer.from(encrypted) })).rejects.toEqual(
      refused(/no unencrypted private key/),
    );
    await expect(bring(made, { PrivateKey: Buffer.from(made.leafPem) })).rejects.toEqual(
      refused(/no unencrypted private key/),
    );
  });

  it('refuses DER, text around the PEM, and inputs above their limits', async () => {
    const { bring } = setUp();
    const made = await make();
    const padded = (pem: string, size: number) => Buffer.from(pem + '\n'.repeat(size));
    const der = new X509Certificate(made.leafPem).raw;
    await expect(bring(made, { Certificate: der })).rejects.toEqual(refused(/not PEM/));
    await expect(bring(made, { Certificate: Buffer.from(`leaf:\n${made.leafPem}`) })).rejects.toEqual(
      refused(/not PEM/),
    );
    await expect(bring(made, { Certificate: padded(made.leafPem, 32_768) })).rejects.toEqual(refused(/at most 32768/));
    await expect(bring(made, { PrivateKey: padded(made.privateKeyPem, 5_120) })).rejects.toEqual(
      refused(/at most 5120/),
    );
  });

  it('refuses a certificate that is not valid yet or no longer', async () => {
    const { bring } = setUp();
    const early = await make({ notBefore: new Date(NOW + 1000) });
    const late = await make({ notAfter: new Date(NOW) });
    await expect(bring(early)).rejects.toEqual(refused(/not valid yet/));
    await expect(bring(late)).rejects.toEqual(refused(/has expired/));
  });

  it('refuses a kind of key that ACM does not support', async () => {
    const { bring } = setUp({ anySigner: true });
    await expect(bring(await make({ keyType: 'ed25519' }))).rejects.toEqual(refused(/does not support/));
  });

  it('refuses a leaf whose algorithm is not its CA’s, unless told to take it', async () => {
    const mixed = await make({ keyType: 'ecdsa-p256', caKeyType: 'rsa-2048' });
    await expect(setUp().bring(mixed)).rejects.toEqual(refused(/algorithm/));
    await expect(setUp({ anySigner: true }).bring(mixed)).resolves.toContain(':certificate/');
  });

  it('refuses an empty issuer', async () => {
    const { bring } = setUp();
    await expect(bring(await make({ selfSigned: true }))).rejects.toEqual(refused(/empty Issuer/));
  });

  it('refuses a certificate above the quota held, and an import above the quota of a year', async () => {
    let now = NOW;
    const { account, acm, bring } = setUp({ now: () => now, certificateQuota: 1, yearlyImportQuota: 2 });
    const made = await make({ notAfter: new Date(NOW + 1000 * DAY_MS) });
    const full = expect.objectContaining({ name: 'LimitExceededException' });
    const arn = await bring(made);
    await expect(bring(made)).rejects.toEqual(full);
    await bring(made, { CertificateArn: arn });
    await acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
    await expect(bring(made)).rejects.toEqual(full);
    expect(account.certificates()).toEqual([]);
    now += 366 * DAY_MS;
    await bring(made);
  });

  it('tags it, and refuses tags that ACM refuses', async () => {
    const { acm, bring } = setUp();
    const made = await make();
    const arn = await bring(made, { Tags: [{ Key: 'perennial:certificate', Value: 'shop/cdn' }] });
    const listed = await acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn }));
    expect(listed.Tags).toEqual([{ Key: 'perennial:certificate', Value: 'shop/cdn' }]);
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    await expect(bring(made, { Tags: [{ Key: 'aws:x', Value: 'y' }] })).rejects.toThrow(/reserved/);
    await expect(bring(made, { Tags: [] })).rejects.toEqual(refused(/at least one/));
    await expect(bring(made, { Tags: [many[0], many[0]].flatMap((tag) => tag ?? []) })).rejects.toThrow(/repeat a key/);
    await expect(bring(made, { Tags: many })).rejects.toThrow(/at most 50/);
    await expect(bring(made, { Tags: [{ Key: 'a*', Value: 'y' }] })).rejects.toEqual(refused(/Tag key/));
    await expect(bring(made, { Tags: [{ Key: 'a', Value: 'y'.repeat(257) }] })).rejects.toEqual(refused(/Tag value/));
  });
});

describe('ImportCertificate onto an ARN', () => {
  const reimport = async (first: Awaited<ReturnType<typeof make>>, next: Awaited<ReturnType<typeof make>>) => {
    const { account, bring } = setUp();
    const arn = await bring(first);
    return { account, arn, next: bring(next, { CertificateArn: arn }) };
  };

  it('keeps the ARN, the tags and the consumers, and serves the new certificate', async () => {
    const { account, acm, bring } = setUp();
    const arn = await bring(await make(), { Tags: [{ Key: 'a', Value: 'b' }] });
    account.setInUseBy(arn, ['arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/1']);
    const next = await make();
    expect(await bring(next, { CertificateArn: arn })).toBe(arn);
    expect(account.certificates()).toEqual([expect.objectContaining({ arn, leafPem: next.leafPem, tags: { a: 'b' } })]);
    const described = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(described.Certificate?.InUseBy).toHaveLength(1);
  });

  it('lets names come and go, but not all of them', async () => {
    const some = await reimport(
      await make({ domains: ['a.test', 'b.test'] }),
      await make({ domains: ['b.test', 'c.test'] }),
    );
    await expect(some.next).resolves.toBe(some.arn);
    const none = await reimport(await make({ domains: ['a.test'] }), await make({ domains: [] }));
    await expect(none.next).rejects.toEqual(refused(/no domain name/));
  });

  it('refuses another key type or size, and keeps what was there', async () => {
    const first = await make({ keyType: 'ecdsa-p256' });
    for (const keyType of ['ecdsa-p384', 'rsa-2048'] as const) {
      const { account, next } = await reimport(first, await make({ keyType }));
      await expect(next).rejects.toEqual(refused(/key type or size/));
      expect(account.certificates()[0]?.leafPem).toBe(first.leafPem);
    }
  });

  it('refuses to lose a key usage, but for keyEncipherment of an ECDSA key', async () => {
    const both = digitalSignature | keyEncipherment;
    const ecdsa = await reimport(await make({ keyUsages: both }), await make({ keyUsages: digitalSignature }));
    await expect(ecdsa.next).resolves.toBe(ecdsa.arn);
    const rsa = await reimport(
      await make({ keyType: 'rsa-2048', keyUsages: both }),
      await make({ keyType: 'rsa-2048', keyUsages: digitalSignature }),
    );
    await expect(rsa.next).rejects.toEqual(refused(/KEY_ENCIPHERMENT/));
    const gone = await reimport(await make({ keyUsages: both }), await make({ keyUsages: 0 }));
    await expect(gone.next).rejects.toEqual(refused(/DIGITAL_SIGNATURE/));
    const more = await reimport(await make({ keyUsages: both }), await make({ keyUsages: both | dataEncipherment }));
    await expect(more.next).resolves.toBe(more.arn);
  });

  it('refuses to lose an extended key usage, but for client authentication', async () => {
    const of = (...extendedKeyUsages: string[]) => make({ extendedKeyUsages });
    const client = await reimport(await of(serverAuth, clientAuth), await of(serverAuth));
    await expect(client.next).resolves.toBe(client.arn);
    const email = await reimport(await of(serverAuth, emailProtection), await of(serverAuth));
    await expect(email.next).rejects.toEqual(refused(/Extended Key Usage/));
  });

  it('refuses to add the key usage or extended key usage extension', async () => {
    const usage = await reimport(await make({ keyUsages: 0 }), await make());
    await expect(usage.next).rejects.toEqual(refused(/cannot add the Key Usage/));
    const extended = await reimport(await make({ extendedKeyUsages: [] }), await make());
    await expect(extended.next).rejects.toEqual(refused(/cannot add the Extended Key Usage/));
  });

  it('refuses tags, an unknown ARN and what is no ARN of a certificate', async () => {
    const { bring } = setUp();
    const made = await make();
    const arn = await bring(made);
    const onto = (CertificateArn: string) => bring(made, { CertificateArn });
    await expect(bring(made, { CertificateArn: arn, Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toEqual(
      refused(/Tags/),
    );
    await expect(onto(arn.replace(/.{4}$/, '0000'))).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
    await expect(onto('arn:aws:acm:eu-west-1:123456789012:thing/1')).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidArnException' }),
    );
    await expect(onto('certificate/1')).rejects.toEqual(refused(/no ARN/));
  });
});

describe('Reading', () => {
  it('describes what was imported as ACM does', async () => {
    const { acm, bring } = setUp();
    const recipe = { domains: ['www.example.com', 'example.com'], commonName: 'example.com', serialNumber: '0a1b2c' };
    const made = await make(recipe);
    const arn = await bring(made);
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(Certificate).toMatchObject({
      CertificateArn: arn,
      DomainName: 'example.com',
      SubjectAlternativeNames: ['example.com', 'www.example.com'],
      Serial: '0a:1b:2c',
      Issuer: 'CN=Test Intermediate ecdsa-p256',
      Status: 'ISSUED',
      Type: 'IMPORTED',
      KeyAlgorithm: 'EC_prime256v1',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }],
      ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
      NotBefore: new Date(made.notBefore),
      NotAfter: new Date(made.notAfter),
      ImportedAt: new Date(NOW),
      InUseBy: [],
    });
  });

  it('shows an expired certificate as EXPIRED', async () => {
    let now = NOW;
    const { acm, bring } = setUp({ now: () => now });
    const made = await make();
    const arn = await bring(made);
    now = made.notAfter;
    const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(Certificate?.Status).toBe('EXPIRED');
  });

  it('lists RSA 1024 and 2048 only, unless key types are asked for', async () => {
    const { acm, bring } = setUp();
    const rsa = await bring(await make({ keyType: 'rsa-2048' }));
    const ecdsa = await bring(await make());
    const list = async (input: ListCertificatesCommandInput) => {
      const { CertificateSummaryList } = await acm.send(new ListCertificatesCommand(input));
      return CertificateSummaryList?.map((summary) => summary.CertificateArn);
    };
    expect(await list({})).toEqual([rsa]);
    expect(await list({ Includes: { keyTypes: Object.values(KeyAlgorithm) } })).toEqual([rsa, ecdsa]);
    expect(await list({ CertificateStatuses: ['EXPIRED'] })).toEqual([]);
  });

  it('lists in pages, and shortens the names of a certificate to 100', async () => {
    const { acm, bring } = setUp({ pageSize: 2 });
    const domains = Array.from({ length: 101 }, (_, index) => `n${index}.test`);
    const arns = [await bring(await make({ domains })), await bring(await make()), await bring(await make())];
    const Includes = { keyTypes: Object.values(KeyAlgorithm) };
    const first = await acm.send(new ListCertificatesCommand({ Includes }));
    const second = await acm.send(new ListCertificatesCommand({ Includes, NextToken: first.NextToken }));
    const pages = [...(first.CertificateSummaryList ?? []), ...(second.CertificateSummaryList ?? [])];
    expect(pages.map((summary) => summary.CertificateArn)).toEqual(arns);
    expect(first.CertificateSummaryList).toHaveLength(2);
    expect(second.NextToken).toBeUndefined();
    expect(pages[0]?.SubjectAlternativeNameSummaries).toHaveLength(100);
    expect(pages[0]?.HasAdditionalSubjectAlternativeNames).toBe(true);
    await expect(acm.send(new ListCertificatesCommand({ NextToken: 'x' }))).rejects.toEqual(refused(/NextToken/));
    await expect(acm.send(new ListCertificatesCommand({ MaxItems: 0 }))).rejects.toEqual(refused(/MaxItems/));
    await expect(acm.send(new ListCertificatesCommand({ MaxItems: 1001 }))).rejects.toEqual(refused(/MaxItems/));
    await expect(acm.send(new ListCertificatesCommand({ SortBy: 'CREATED_AT' }))).rejects.toEqual(refused(/SortOrder/));
  });

  it('throws on operations and fields that it does not know', async () => {
    const { account, acm } = setUp();
    await expect(acm.send(new RenewCertificateCommand({ CertificateArn: 'arn' }))).rejects.toThrow(/RenewCertificate/);
    await expect(account.call('GetCertificate', { CertificateArn: 'arn', Colour: 'red' })).rejects.toThrow(/Colour/);
  });
});

describe('Changing', () => {
  it('adds tags and replaces the value of a known key', async () => {
    const { acm, bring } = setUp();
    const arn = await bring(await make(), { Tags: [{ Key: 'a', Value: '1' }] });
    const Tags = [
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '3' },
    ];
    await acm.send(new AddTagsToCertificateCommand({ CertificateArn: arn, Tags }));
    expect((await acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn }))).Tags).toEqual(Tags);
  });

  it('deletes what nobody uses, and refuses to delete what is in use', async () => {
    const { account, acm, bring } = setUp();
    const arn = await bring(await make());
    const remove = () => acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
    account.setInUseBy(arn, ['arn:aws:cloudfront::123456789012:distribution/E1']);
    await expect(remove()).rejects.toThrow(expect.objectContaining({ name: 'ResourceInUseException' }));
    account.setInUseBy(arn, []);
    await remove();
    await expect(remove()).rejects.toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });

  it('tells its listeners of imports, re-imports and deletions until they leave', async () => {
    const { account, acm, bring } = setUp();
    let changes = 0;
    const leave = account.onChange(() => {
      changes += 1;
    });
    const arn = await bring(await make());
    await bring(await make(), { CertificateArn: arn });
    await acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
    expect(changes).toBe(3);
    leave();
    await bring(await make());
    expect(changes).toBe(3);
  });
});
