import type { VersionRow } from '../core/rows.ts';
import { storeVersion } from '../store/certificates.ts';
import { nameNow, versionAs } from '../store/rename.ts';
import type { Table } from '../store/table.ts';

/** A stored version as the certificate has it that its own was renamed to meanwhile, stored there too; else itself. */
export async function followRename(table: Table, version: VersionRow): Promise<VersionRow> {
  const name = await nameNow(table, version.certificate);
  if (name === version.certificate) return version;
  const renamed = versionAs(version, name);
  await storeVersion(table, renamed);
  return renamed;
}
