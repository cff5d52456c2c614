import { certificateKey } from '../../lambdas/core/rows.ts';
import { getItem } from '../../lambdas/store/table.ts';
import type { Examine } from './check.ts';

/** Whether the table can be read. */
export const lookAtTable: Examine = async (_desk, { table }) => {
  await getItem(table, certificateKey('doctor'));
  return { name: 'table', ok: true, message: `${table.name} can be read` };
};
