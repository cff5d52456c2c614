import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { awsFailure } from '../core/aws-failure.ts';
import type { CertificateRow, RoleRow, TargetRow } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import { parseCertificate, parseRole, parseTarget, readableRows } from './parse.ts';
import type { Item, Table } from './table.ts';

/** Parts of the table that are read at the same time. */
const SEGMENTS = 8;

/** What the table has of one certificate, without its versions. */
export type KnownCertificate = {
  readonly certificate?: CertificateRow;
  readonly role?: RoleRow;
  readonly targets: readonly TargetRow[];
};

/** Everything that was ever declared, by name. Reads the whole table: only for deployments. */
export async function listInventory(table: Table): Promise<ReadonlyMap<string, KnownCertificate>> {
  const segments = Array.from({ length: SEGMENTS }, (_, segment) => scanSegment(table, segment));
  const known = new Map<string, KnownCertificate>();
  for (const item of (await Promise.all(segments)).flat()) {
    const name = certificateNameOf({ pk: String(item.pk) });
    known.set(name, withItem(table, known.get(name) ?? { targets: [] }, item));
  }
  return known;
}

/** A row that cannot be read is left out: it is not acted on either. */
function withItem(table: Table, known: KnownCertificate, item: Item): KnownCertificate {
  if (item.sk === 'CERT') {
    const [certificate] = readableRows(table, [item], parseCertificate);
    return certificate === undefined ? known : { ...known, certificate };
  }
  if (item.sk === 'ROLE#current') {
    const [role] = readableRows(table, [item], parseRole);
    return role === undefined ? known : { ...known, role };
  }
  return { ...known, targets: [...known.targets, ...readableRows(table, [item], parseTarget)] };
}

async function scanSegment(table: Table, segment: number): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const command = new ScanCommand({
      TableName: table.name,
      FilterExpression: 'sk = :certificate OR sk = :role OR begins_with(sk, :target)',
      ExpressionAttributeValues: { ':certificate': 'CERT', ':role': 'ROLE#current', ':target': 'TARGET#' },
      ConsistentRead: true,
      Segment: segment,
      TotalSegments: SEGMENTS,
      ExclusiveStartKey: start,
    });
    try {
      const page = await table.client.send(command);
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } catch (error) {
      throw awsFailure(error, 'Listing the certificates in the table');
    }
  } while (start !== undefined);
  return items;
}
