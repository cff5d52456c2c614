import { expect, it } from 'vitest';
import { exportFiles } from '../../lambdas/targets/export-files.ts';
import { OWNER, twoVersions } from './target-job.ts';

it('A version has one PKCS#12 password whoever writes it, so that two pushes that meet leave files that fit', async () => {
  const [older, newer] = await twoVersions();
  const password = exportFiles(older, OWNER).pkcs12Password;
  expect(password).toMatch(/^[\w-]{43}$/);
  expect(exportFiles(older, OWNER).pkcs12Password).toBe(password);
  expect(exportFiles(newer, OWNER).pkcs12Password).not.toBe(password);
});
