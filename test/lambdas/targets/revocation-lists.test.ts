import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchList } from '../../../lambdas/ports/http-list.ts';
import { createRevocationLists } from '../../../lambdas/targets/revocation-lists.ts';
import { peerOrSkip } from '../../support/peers.ts';

const HOUR = 3_600_000;

let folder: string;
let server: Server;
let body: Uint8Array | undefined;
let asked = 0;
let now = Date.now();

const lists = () => createRevocationLists({ fetchList, now: () => now });
const der = (name: string) => new X509Certificate(readFileSync(join(folder, name))).raw;

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

/** A CA as openssl's documentation sets one up: two leaves, the second of which is revoked. */
function makeAuthority(url: string): void {
  writeFileSync(
    join(folder, 'ca.cnf'),
    [
      '[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key',
      'default_md=sha256\ndefault_days=90\ndefault_crl_days=7\npolicy=any\nx509_extensions=leaf\ncrlnumber=crlnumber',
      '[any]\ncommonName=supplied\n[leaf]\nbasicConstraints=CA:false',
      `crlDistributionPoints=URI:${url}`,
    ].join('\n'),
  );
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), '1001\n');
  writeFileSync(join(folder, 'crlnumber'), '01\n');
  for (const name of ['ca', 'other']) newRoot(name);
  for (const name of ['good', 'bad']) {
    const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}.test`];
    openssl('req', '-new', ...request, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('ca', '-batch', '-config', 'ca.cnf', '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext');
  }
  openssl('ca', '-config', 'ca.cnf', '-revoke', 'bad.pem', '-crl_reason', 'keyCompromise');
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'list.pem');
  openssl('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list.der');
}

function newRoot(name: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  openssl('req', '-x509', '-new', ...key, '-subj', '/CN=Root', '-days', '400', '-out', `${name}.pem`);
}

const found = await peerOrSkip('openssl', async () => execFileSync('openssl', ['version']));

beforeAll(async () => {
  if (found === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'perennial-crl-'));
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  makeAuthority(`http://127.0.0.1:${(server.address() as AddressInfo).port}/list.crl`);
  body = readFileSync(join(folder, 'list.der'));
});
afterAll(() => {
  if (found === undefined) return;
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(found !== undefined)('A revocation list that openssl has signed', () => {
  it('names the leaf that was revoked and not the other, and is fetched once', async () => {
    const { isRevoked } = lists();
    asked = 0;
    expect(await isRevoked(der('bad.pem'), der('ca.pem'))).toBe(true);
    expect(await isRevoked(der('good.pem'), der('ca.pem'))).toBe(false);
    expect(asked).toBe(1);
  });

  it('says nothing of leaves of another issuer of the same name, which did not sign it', async () => {
    expect(await lists().isRevoked(der('bad.pem'), der('other.pem'))).toBeUndefined();
  });

  it('says nothing once it is out of date', async () => {
    now += 8 * 24 * HOUR;
    expect(await lists().isRevoked(der('bad.pem'), der('ca.pem'))).toBeUndefined();
    now = Date.now();
  });

  it('that cannot be had, or is none, says nothing', async () => {
    const kept = body;
    body = undefined;
    expect(await lists().isRevoked(der('bad.pem'), der('ca.pem'))).toBeUndefined();
    body = Buffer.from('<html>a login page</html>');
    expect(await lists().isRevoked(der('bad.pem'), der('ca.pem'))).toBeUndefined();
    body = kept;
  });

  it('is not looked for where a leaf names none', async () => {
    asked = 0;
    expect(await lists().isRevoked(der('ca.pem'), der('ca.pem'))).toBeUndefined();
    expect(asked).toBe(0);
  });
});
