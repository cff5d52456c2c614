import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pkcs12 } from '../../lambdas/targets/pkcs12.ts';
import { makeCertificate } from '../support/certificates.ts';
import { peerOrSkip } from '../support/peers.ts';

const opener = await peerOrSkip('OpenSSL', async () => execFileSync('openssl', ['version'], { encoding: 'utf8' }));
const keytool = await peerOrSkip('the keytool of Java', async () =>
  execFileSync('keytool', ['-help'], { stdio: 'pipe' }),
);
const folder = mkdtempSync(join(tmpdir(), 'perennial-p12-'));
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(file: string, ...more: readonly string[]): string {
  const args = ['pkcs12', '-in', file, '-passin', 'pass:a password', '-nodes', ...more];
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const blocks = (text: string, kind: string): string =>
  (text.match(new RegExp(`-----BEGIN ${kind}-----[\\s\\S]+?-----END ${kind}-----\\n`, 'g')) ?? []).join('');

it.skipIf(opener === undefined).each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048'] as const)(
  'OpenSSL reads key and chain of a PKCS#12 file of type %s as they were',
  async (keyType) => {
    const made = await makeCertificate({ domains: ['shop.test'], keyType });
    const file = join(folder, `${keyType}.p12`);
    writeFileSync(file, pkcs12(made, 'a password', 'shop'));
    expect(blocks(openssl(file, '-nocerts'), 'PRIVATE KEY')).toBe(made.privateKeyPem);
    expect(blocks(openssl(file, '-nokeys'), 'CERTIFICATE')).toBe(made.chainPem);
    expect(openssl(file, '-info')).toContain('friendlyName: shop');
    expect(() => openssl(file, '-passin', 'pass:another')).toThrow(/invalid password|mac verify/i);
  },
);

it.skipIf(keytool === undefined).each(['ecdsa-p256', 'rsa-2048'] as const)(
  'Java reads a PKCS#12 file of type %s as a keystore with one key and its chain',
  async (keyType) => {
    const made = await makeCertificate({ domains: ['shop.test'], commonName: 'shop.test', keyType });
    const file = join(folder, `java-${keyType}.p12`);
    writeFileSync(file, pkcs12(made, 'a password', 'shop'));
    const args = ['-list', '-v', '-storetype', 'PKCS12', '-keystore', file, '-storepass', 'a password'];
    const listed = execFileSync('keytool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(listed).toMatch(/Alias name: shop[\s\S]*Entry type: PrivateKeyEntry[\s\S]*Certificate chain length: 2/);
  },
);
