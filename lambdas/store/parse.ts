import type { AriRow } from '../core/ari-rows.ts';
import type { AccountRow, CertificateRow, RoleRow, SlotRow, TargetRow, VersionRow } from '../core/rows.ts';
import { ROW_SCHEMA } from '../core/rows.ts';
import type { Item, Table } from './table.ts';

/** What a row is marked by whose message was published that it cannot be read: that message. */
export const TOLD_UNREADABLE = 'toldUnreadable';

/** A row that this version cannot read: told, and looked at again later, never acted on. */
export class UnreadableRowError extends Error {
  /** People were told so of this row already. */
  readonly isTold: boolean;

  constructor(item: Item, why: string) {
    super(`row ${String(item.pk)} ${String(item.sk)} cannot be read: ${why}; it was left as it is`);
    this.name = 'UnreadableRowError';
    this.isTold = item[TOLD_UNREADABLE] === this.message;
  }
}

type Kind = 'string' | 'number' | 'boolean' | 'object';
type Shape = Readonly<Record<string, Kind>>;

const DUE: Shape = { kind: 'string', startSeq: 'number', tries: 'number' };
const ROLE: Shape = { ...DUE, certificate: 'string', role: 'string', hash: 'string' };
const TARGET: Shape = { ...DUE, certificate: 'string', target: 'object' };
const SLOT: Shape = { ...DUE, directoryUrl: 'string', identifiers: 'object', fence: 'number' };
const CERTIFICATE: Shape = { declaration: 'object', hash: 'string', retired: 'boolean' };
const VERSION: Shape = {
  certificate: 'string',
  sha256: 'string',
  chainPem: 'string',
  sealedKey: 'object',
  hash: 'string',
};
const ACCOUNT: Shape = { directoryUrl: 'string', label: 'string', sealedKey: 'object' };
const ARI: Shape = { kind: 'string', certificate: 'string', role: 'string', revision: 'number', version: 'string' };

export const parseAri = (item: Item): AriRow => checked(item, ARI, isRow<AriRow>);
export const parseRole = (item: Item): RoleRow => checked(item, ROLE, isRow<RoleRow>);
export const parseTarget = (item: Item): TargetRow => checked(item, TARGET, isRow<TargetRow>);
export const parseSlot = (item: Item): SlotRow => checked(item, SLOT, isRow<SlotRow>);
export const parseCertificate = (item: Item): CertificateRow => checked(item, CERTIFICATE, isRow<CertificateRow>);
export const parseVersion = (item: Item): VersionRow => checked(item, VERSION, isRow<VersionRow>);
export const parseAccount = (item: Item): AccountRow => checked(item, ACCOUNT, isRow<AccountRow>);

/** The rows among the items that this version can read: one that it cannot must not keep the others from being used. */
export function readableRows<Row>(
  { log }: Pick<Table, 'log'>,
  items: readonly Item[],
  parse: (item: Item) => Row,
): readonly Row[] {
  return items.flatMap((item) => {
    try {
      return [parse(item)];
    } catch (error) {
      if (!(error instanceof UnreadableRowError)) throw error;
      log?.write({ event: 'failure', message: error.message, class: 'bug', code: 'unreadableRow' });
      return [];
    }
  });
}

function checked<Row>(item: Item, shape: Shape, isOurs: (item: Item, shape: Shape) => item is Item & Row): Row {
  if (isOurs(item, shape)) return item;
  const wrong = Object.entries(shape).find(([field, kind]) => typeof item[field] !== kind);
  if (item.schema !== ROW_SCHEMA)
    throw new UnreadableRowError(item, `its schema is ${String(item.schema)} and this version reads ${ROW_SCHEMA}`);
  throw new UnreadableRowError(item, `its field "${wrong?.[0] ?? '?'}" is not a ${wrong?.[1] ?? '?'}`);
}

function isRow<Row>(item: Item, shape: Shape): item is Item & Row {
  return item.schema === ROW_SCHEMA && Object.entries(shape).every(([field, kind]) => typeof item[field] === kind);
}
