import { afterEach, describe, expect, it } from 'vitest';
import { createHandshakes } from '../../../lambdas/targets/handshakes.ts';
import { type Edge, startEdge } from '../../../local/edge/edge.ts';
import { makeCertificate, type TestCertificate } from '../../support/certificates.ts';

let edge: Edge;
afterEach(() => edge.stop());

async function serve(shown: TestCertificate, chainPem = shown.intermediatesPem): Promise<void> {
  const certificates = () => [{ ...shown, chainPem }];
  edge = await startEdge({ certificates: { certificates, onChange: () => () => undefined } });
}

const place = (servername = 'shop.test') => ({ host: 'shop.test', port: edge.port, servername });
const look = async (roots: readonly string[], resolve = ['127.0.0.1'], servername?: string) => {
  const seen = await createHandshakes(async () => resolve).look(place(servername), 2_000, roots);
  return 'error' in seen ? [] : seen.addresses;
};

describe('A look by handshake', () => {
  it('shows the leaf, its names and dates, and that its chain leads to the root', async () => {
    const shop = await makeCertificate({ domains: ['shop.test', 'www.shop.test'] });
    await serve(shop);
    const [seen] = await look([shop.rootPem]);
    expect(seen).toMatchObject({
      address: '127.0.0.1',
      leaf: {
        sha256: shop.sha256,
        notBefore: Math.floor(shop.notBefore / 1000) * 1000,
        notAfter: Math.floor(shop.notAfter / 1000) * 1000,
        names: ['shop.test', 'www.shop.test'],
        coversName: true,
      },
    });
    expect(seen).not.toHaveProperty('leaf.untrusted');
    expect(seen).toHaveProperty('leaf.issuerDer');
  });

  it('finds a chain that leads nowhere, such as one without its intermediate, which many programs refuse', async () => {
    const shop = await makeCertificate({ domains: ['shop.test'] });
    await serve(shop, '');
    expect((await look([shop.rootPem]))[0]).toHaveProperty('leaf.untrusted');
    await edge.stop();
    await serve(shop);
    expect((await look(['public']))[0]).toHaveProperty('leaf.untrusted');
  });

  it('judges no chain where nobody says by which roots', async () => {
    await serve(await makeCertificate({ domains: ['shop.test'], selfSigned: true }));
    expect((await look([]))[0]).not.toHaveProperty('leaf.untrusted');
  });

  it('leaves an end to the clock of the watch: an expired leaf is shown and not called untrusted', async () => {
    const day = 86_400_000;
    const past = { notBefore: new Date(Date.now() - 90 * day), notAfter: new Date(Date.now() - day) };
    const shop = await makeCertificate({ domains: ['shop.test'], ...past });
    await serve(shop);
    const [seen] = await look([shop.rootPem]);
    expect(seen).toMatchObject({ leaf: { sha256: shop.sha256 } });
    expect(seen).not.toHaveProperty('leaf.untrusted');
  });

  it('tells an address that cannot be reached beside one that can', async () => {
    const shop = await makeCertificate({ domains: ['shop.test'] });
    await serve(shop);
    const looks = await look([shop.rootPem], ['127.0.0.1', '127.0.0.99']);
    expect(looks).toMatchObject([
      { leaf: { sha256: shop.sha256 } },
      { address: '127.0.0.99', error: expect.any(String) },
    ]);
  });
});
