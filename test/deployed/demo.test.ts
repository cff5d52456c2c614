import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DemoFailure, runDemo } from '../../local/deployed/run.ts';
import { findPython } from '../../local/peers/python.ts';

const MINUTES = 60_000;
const HAS_PYTHON = (await findPython()) !== undefined;
const FINGERPRINT = /^[0-9a-f]{64}$/;

function silent(): void {}

async function foldersOfRuns(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('perennial-ministack-'));
}

describe.runIf(HAS_PYTHON)('the stack in an account that enforces its roles', () => {
  it(
    'gets, pushes and serves two certificates unattended, and leaves nothing behind',
    async () => {
      const before = await foldersOfRuns();
      const report = await runDemo({ ca: 'local', say: silent });
      expect(report).toMatchObject({
        ok: true,
        account: 'ministack 1.5.33',
        certificates: [
          { name: 'website', domains: ['perennial.test', '*.perennial.test'], versions: 1 },
          { name: 'api', domains: ['api.garden.test'], versions: 1 },
        ],
        acme: { newOrders: 2, finalizes: 2 },
      });
      for (const { fingerprint, servedFingerprint } of report.certificates) {
        expect(fingerprint).toMatch(FINGERPRINT);
        expect(servedFingerprint).toBe(fingerprint);
      }
      expect(report.transitions.renewal).toBeLessThanOrEqual(10);
      expect((await foldersOfRuns()).filter((name) => !before.includes(name))).toEqual([]);
    },
    10 * MINUTES,
  );

  it.each([
    ['CreateOrder', 'route53:ChangeResourceRecordSets'],
    ['PushTarget', 'acm:ImportCertificate'],
    ['SyncInventory', 'states:StartExecution'],
  ])(
    'fails when %s may not %s, and names the action',
    async (lambda, action) => {
      const run = runDemo({
        ca: 'local',
        say: silent,
        app: 'node test/deployed/fixtures/denying-app.ts',
        env: { WITHOUT: `${lambda} ${action}` },
      });
      await expect(run).rejects.toThrow(DemoFailure);
      await expect(run).rejects.toThrow(`IAM refused ${action} on `);
      await expect(run).rejects.toThrow(`${lambda}Role`);
    },
    10 * MINUTES,
  );
});
