import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askHttps } from '../../local/ca/https-client.ts';
import { startPebble } from '../../local/peers/pebble.ts';
import { findPebble, PebbleMissingError } from '../../local/peers/pebble-binary.ts';

const missing = await findPebble().then(
  () => undefined,
  (error: unknown) => String(error),
);

const NOWHERE = { dnsServer: '127.0.0.1:9' };

if (missing === undefined) {
  describe('Pebble', () => {
    it('answers where it says, and its issuers are told', async () => {
      const pebble = await startPebble({ ...NOWHERE, alternateRoots: 1 });
      const directory = await askHttps({ url: pebble.directoryUrl, rootPem: pebble.rootPem });
      expect(JSON.parse(directory.body)).toHaveProperty('newOrder');
      expect(pebble.issuerRootsPem.match(/BEGIN CERTIFICATE/g)?.length).toBe(2);
      await pebble.stop();
      await expect(askHttps({ url: pebble.directoryUrl, rootPem: pebble.rootPem })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
    });

    it('runs twice at a time', async () => {
      const both = await Promise.all([startPebble(NOWHERE), startPebble(NOWHERE)]);
      expect(new Set(both.map((each) => each.directoryUrl)).size).toBe(2);
      await Promise.all(both.map((each) => each.stop()));
    });

    it('dies with a parent that is killed', async () => {
      const program = `
        import { startPebble } from '${new URL('../../local/peers/pebble.ts', import.meta.url).href}';
        const pebble = await startPebble(${JSON.stringify(NOWHERE)});
        console.log(JSON.stringify([pebble.directoryUrl, pebble.rootPem]));
        setInterval(() => undefined, 1000);`;
      const parent = spawn(process.execPath, ['--input-type=module', '--eval', program]);
      const [line] = await once(parent.stdout, 'data');
      const [url = '', rootPem = ''] = JSON.parse(String(line)) as string[];
      expect((await askHttps({ url, rootPem })).status).toBe(200);
      parent.kill('SIGKILL');
      const code = () => askHttps({ url, rootPem }).catch((error: { code?: string }) => error.code);
      await expect.poll(code, { timeout: 10_000 }).toBe('ECONNREFUSED');
    }, 20_000);

    it('is not taken from a path that has another program', async () => {
      const error = await findPebble({ PERENNIAL_PEBBLE: process.execPath }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(PebbleMissingError);
      expect(String(error)).toContain('go install');
    });

    it('says how to install it where it is nowhere', async () => {
      const error = await findPebble({ PATH: '', XDG_CACHE_HOME: process.execPath }).catch((caught: unknown) => caught);
      expect(String(error)).toMatch(/go install github\.com\/letsencrypt\/pebble\/v2\/cmd\/pebble@v2\.10\.1/);
    });
  });
} else {
  it('Pebble is not to be had: it was NOT run', ({ skip }) => {
    process.emitWarning(missing);
    if (process.env.CI === 'true') throw new Error(missing);
    skip(missing);
  });
}
