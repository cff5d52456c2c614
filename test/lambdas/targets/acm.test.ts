import { ACMClient } from '@aws-sdk/client-acm';
import { describe, expect, it } from 'vitest';
import { ACM_CLIENT_SETTINGS, createAcmPort } from '../../../lambdas/targets/acm.ts';
import { AcmAccount, type AcmAccountOptions } from '../../../local/aws/acm.ts';
import { AwsFault } from '../../../local/aws/fault.ts';
import { type Around, connectFake } from '../../../local/aws/seam.ts';
import { makeCertificate } from '../../support/certificates.ts';

const OWNER = { certificate: 'shop', target: 'cdn' };
const DOMAINS = ['shop.test'];

function setUp(around?: Around, options: Partial<AcmAccountOptions> = {}) {
  const account = new AcmAccount({ now: Date.now, accountId: '123456789012', region: 'eu-west-1', ...options });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new ACMClient({ region: 'eu-west-1', credentials, ...ACM_CLIENT_SETTINGS });
  connectFake(client, account, around);
  return { account, client, port: createAcmPort({ client, table: 'table' }) };
}

const failure = (detail: object) => expect.objectContaining({ detail: expect.objectContaining(detail) });

/** Lets the account act, then fails as AWS, the network or a proxy would. */
const losing = (operation: string, error: () => Error): Around => {
  return async (asked, _input, act) => {
    const answer = await act();
    if (asked === operation) throw error();
    return answer;
  };
};

const refusing = (operation: string, code: string, status = 400): Around => {
  return async (asked, _input, act) => {
    if (asked === operation) throw new AwsFault(code, 'told so', status);
    return act();
  };
};

describe('A first import', () => {
  it.each([
    ['the connection is reset', () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['ACM answers 500', () => new AwsFault('InternalServerException', 'told so', 500)],
    ['the answer times out', () => Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
  ])('that took effect although %s is one certificate, which is found', async (_what, error) => {
    const { account, port } = setUp(losing('ImportCertificate', error));
    const made = await makeCertificate({ domains: DOMAINS });
    await expect(port.importCertificate(made, OWNER)).rejects.toEqual(failure({ class: 'transient' }));
    expect(account.certificates()).toHaveLength(1);
    expect(await port.find(OWNER, DOMAINS)).toBe(account.certificates()[0]?.arn);
  });

  it('that did not take effect is not found', async () => {
    const { port } = setUp(refusing('ImportCertificate', 'InternalServerException', 500));
    const made = await makeCertificate({ domains: DOMAINS });
    await expect(port.importCertificate(made, OWNER)).rejects.toEqual(failure({ class: 'transient' }));
    expect(await port.find(OWNER, DOMAINS)).toBeUndefined();
  });

  it('is tagged with its owner, and sends leaf, chain and key apart', async () => {
    const { account, port } = setUp();
    const made = await makeCertificate({ domains: DOMAINS });
    const arn = await port.importCertificate(made, OWNER);
    expect(account.certificates()).toEqual([
      {
        arn,
        leafPem: made.leafPem,
        chainPem: made.intermediatesPem,
        privateKeyPem: made.privateKeyPem,
        domains: DOMAINS,
        tags: { 'perennial:certificate': 'table/shop/cdn' },
      },
    ]);
  });

  it('leaves out a chain that is empty', async () => {
    const { port } = setUp();
    const own = await makeCertificate({ domains: DOMAINS, selfSigned: true, commonName: 'shop.test' });
    const arn = await port.importCertificate(own, OWNER);
    expect(await port.describe(arn)).toMatchObject({ sha256: own.sha256 });
  });

  it('above the quota is for a person, who is told what to free [L13]', async () => {
    const { port } = setUp(undefined, { certificateQuota: 0 });
    const refused = port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
    await expect(refused).rejects.toEqual(failure({ class: 'person', code: 'LimitExceededException' }));
    await expect(refused).rejects.toThrow(/Delete imported certificates .* Service Quotas/);
  });
});

describe('A re-import', () => {
  it('of another key type is for a person, who is told the ARN, ACM’s reason and the way out [L12]', async () => {
    const { port } = setUp();
    const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
    const rsa = await makeCertificate({ domains: DOMAINS, keyType: 'rsa-2048' });
    const refused = port.importCertificate(rsa, OWNER, arn);
    await expect(refused).rejects.toEqual(failure({ class: 'person', code: 'ValidationException' }));
    await expect(refused).rejects.toThrow(
      `Importing certificate shop for target cdn into ${arn} failed: ValidationException: A re-import cannot change key type or size`,
    );
    await expect(refused).rejects.toThrow('declare a new target');
  });

  it('onto an ARN that was deleted meanwhile is transient: the next step finds that out and imports anew', async () => {
    const { account, client, port } = setUp();
    const made = await makeCertificate({ domains: DOMAINS });
    const arn = await port.importCertificate(made, OWNER);
    await account.call('DeleteCertificate', { CertificateArn: arn });
    await expect(createAcmPort({ client, table: 'table' }).importCertificate(made, OWNER, arn)).rejects.toEqual(
      failure({ class: 'transient', code: 'ResourceNotFoundException' }),
    );
  });

  it('never tells the private key, whatever ACM quotes', async () => {
    const made = await makeCertificate({ domains: DOMAINS });
    const { port } = setUp(async () => {
      throw new AwsFault('ValidationException', `Value '${made.privateKeyPem}' at 'privateKey' is wrong`);
    });
    const message = await port.importCertificate(made, OWNER).catch((error: Error) => error.message);
    expect(message).toContain('[PEM]');
    expect(message).not.toContain(made.privateKeyPem.split('\n')[1]);
  });
});

describe('ACM’s refusal', () => {
  it.each([
    ['ThrottlingException', 400, 'transient'],
    ['ConflictException', 400, 'transient'],
    ['RequestInProgressException', 400, 'transient'],
    ['InternalServerException', 500, 'transient'],
    ['AccessDeniedException', 400, 'person'],
  ])('%s with status %s is %s for each call [L14]', async (code, status, expected) => {
    const made = await makeCertificate({ domains: DOMAINS });
    const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/x';
    const { port: reading } = setUp(refusing('GetCertificate', code, status));
    const { port: importing } = setUp(refusing('ImportCertificate', code, status));
    const { port: listing } = setUp(refusing('ListCertificates', code, status));
    await expect(reading.describe(arn)).rejects.toEqual(failure({ class: expected, code }));
    await expect(importing.importCertificate(made, OWNER)).rejects.toEqual(failure({ class: expected, code }));
    await expect(listing.find(OWNER, DOMAINS)).rejects.toEqual(failure({ class: expected, code }));
  });

  it('calls what is no certificate at an ARN a person’s matter', async () => {
    const { port } = setUp(async () => ({ Certificate: 'garbage' }));
    await expect(port.describe('arn:aws:acm:x')).rejects.toEqual(
      failure({ class: 'person', code: 'acmCertificateUnreadable' }),
    );
  });
});

describe('Finding', () => {
  it('looks at all pages, and asks for tags only where the names fit', async () => {
    const asked: string[] = [];
    const recording: Around = (operation, _input, act) => {
      asked.push(operation);
      return act();
    };
    const { port } = setUp(recording, { pageSize: 2 });
    for (const domain of ['a.test', 'b.test', 'c.test', 'd.test']) {
      await port.importCertificate(await makeCertificate({ domains: [domain] }), OWNER);
    }
    const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
    asked.length = 0;
    expect(await port.find(OWNER, DOMAINS)).toBe(arn);
    expect(asked).toEqual(['ListCertificates', 'ListCertificates', 'ListCertificates', 'ListTagsForCertificate']);
  });

  it('compares all names of a certificate that has more than the list shows', async () => {
    const { port } = setUp();
    const domains = Array.from({ length: 120 }, (_, index) => `n${index}.test`);
    const arn = await port.importCertificate(await makeCertificate({ domains }), OWNER);
    expect(await port.find(OWNER, domains)).toBe(arn);
    expect(await port.find(OWNER, domains.slice(0, 100))).toBeUndefined();
  });

  it('asks for the names of a certificate that the list shows without', async () => {
    const bare: Around = async (operation, _input, act) => {
      const answer = await act();
      if (operation !== 'ListCertificates') return answer;
      return { CertificateSummaryList: account.certificates().map(({ arn }) => ({ CertificateArn: arn })) };
    };
    const { account, port } = setUp(bare);
    const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
    expect(await port.find(OWNER, DOMAINS)).toBe(arn);
    expect(await port.find(OWNER, ['other.test'])).toBeUndefined();
  });

  it('succeeds still after a re-import, which cannot tag', async () => {
    const { port } = setUp();
    const arn = await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER);
    await port.importCertificate(await makeCertificate({ domains: DOMAINS }), OWNER, arn);
    expect(await port.find(OWNER, DOMAINS)).toBe(arn);
  });
});
