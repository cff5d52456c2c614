import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OutboxMessage, RowKey } from '../../../lambdas/core/rows.ts';
import { certificateKey, ROW_SCHEMA, roleKey, slotKey, targetKey, versionKey } from '../../../lambdas/core/rows.ts';
import {
  forgetAccountUrl,
  offerAccountKey,
  readAccount,
  saveAccountUrl,
  saveDirectory,
} from '../../../lambdas/store/accounts.ts';
import { readCertificate, readRole, readTarget, readVersion } from '../../../lambdas/store/certificates.ts';
import { present } from '../../../lambdas/store/condition.ts';
import { readDueRow } from '../../../lambdas/store/due-rows.ts';
import { strikeMessage } from '../../../lambdas/store/outbox.ts';
import { UnreadableRowError } from '../../../lambdas/store/parse.ts';
import { readSlot } from '../../../lambdas/store/slots.ts';
import { getItem, queryItems, type Table, updateItem } from '../../../lambdas/store/table.ts';
import type { Ground } from './ground.ts';
import { found, NOW, together } from './ground.ts';

/** Accounts, outboxes, rows that cannot be read, and pages. */
export function rowCases(ground: () => Ground): void {
  describe('an account', () => {
    accountCases(ground);
  });
  describe('an outbox', () => {
    outboxCases(ground);
  });
  describe('a row that this version cannot read', () => {
    unreadableCases(ground);
  });
  it('a partition is read to its end, however many pages it has', async () => {
    const { table, put } = ground();
    const pk = `CERT#${randomUUID()}`;
    const filler = 'x'.repeat(300_000);
    for (let index = 0; index < 5; index += 1) await put({ pk, sk: `VERSION#${index}`, filler });
    await put({ pk, sk: 'ROLE#current' });
    const items = await queryItems(table, pk, 'VERSION#');
    expect(items.map(({ sk }) => sk)).toEqual([0, 1, 2, 3, 4].map((index) => `VERSION#${index}`));
  });
}

function accountCases(ground: () => Ground): void {
  const newIdentity = () => ({ directoryUrl: `https://${randomUUID()}.test/directory`, label: 'default' });
  const keyOf = (name: string) => ({ ciphertext: name, context: { purpose: 'acme-account' } });

  it('has the first key that one of 20 offers', async () => {
    const { table } = ground();
    const identity = newIdentity();
    const seen = await together(20, async (index) => {
      await offerAccountKey(table, identity, keyOf(`key-${index}`));
      return (await readAccount(table, identity))?.sealedKey.ciphertext;
    });
    expect(seen[0]).toMatch(/^key-\d+$/);
    expect(new Set(seen).size).toBe(1);
  });

  it('of another label at the same directory is another one', async () => {
    const { table } = ground();
    const identity = newIdentity();
    await offerAccountKey(table, identity, keyOf('one'));
    expect(await readAccount(table, { ...identity, label: 'other' })).toBeUndefined();
  });

  it('has the URL that was stored first, and only the run that stored it may tell', async () => {
    const { table } = ground();
    const identity = newIdentity();
    await offerAccountKey(table, identity, keyOf('one'));
    const account = found(await readAccount(table, identity));
    const written = await together(5, (index) => saveAccountUrl(table, account, `https://ca.test/${index}`));
    const [first, ...more] = written.filter((row) => row !== undefined);
    expect(more).toEqual([]);
    expect(await readAccount(table, identity)).toEqual(first);
  });

  it('keeps its URL and its directory; a URL is forgotten only if it is still the stored one', async () => {
    const { table } = ground();
    const identity = newIdentity();
    await offerAccountKey(table, identity, keyOf('one'));
    const account = found(await readAccount(table, identity));
    await saveAccountUrl(table, account, 'https://ca.test/1');
    await saveDirectory(
      table,
      account,
      { newNonce: 'https://ca.test/nonce', meta: { profiles: { classic: 'c' } } },
      NOW,
    );
    await forgetAccountUrl(table, account, 'https://ca.test/0');
    expect(await readAccount(table, identity)).toMatchObject({
      url: 'https://ca.test/1',
      directory: { newNonce: 'https://ca.test/nonce', meta: { profiles: { classic: 'c' } } },
      directoryAt: NOW,
    });
    await forgetAccountUrl(table, account, 'https://ca.test/1');
    const after = found(await readAccount(table, identity));
    expect(after).not.toHaveProperty('url');
    expect(after.sealedKey).toEqual(keyOf('one'));
  });
}

function messageOf(id: string): OutboxMessage {
  const told = { certificate: 'site', subject: 's', body: 'b', detail: { attempt: 1, first: true } };
  return { id, event: 'certificate.issued', notify: true, at: NOW, ...told };
}

function outboxCases(ground: () => Ground): void {
  it('loses the message that was published, and no other', async () => {
    const { table, role } = ground();
    const row = await role();
    const [one, two] = [messageOf('site/issued:1-2.3'), messageOf(randomUUID())];
    await updateItem(table, row, { outbox: { [one.id]: one, [two.id]: two } }, present('pk'));
    await strikeMessage(table, row, one.id);
    expect((await readRole(table, row.certificate))?.outbox).toEqual({ [two.id]: two });
    await strikeMessage(table, row, one.id);
    await strikeMessage(table, row, two.id);
    expect((await readRole(table, row.certificate))?.outbox).toEqual({});
  });

  it('is not missed where there is none, nor is a row made for it', async () => {
    const { table, role } = ground();
    const row = await role();
    await strikeMessage(table, row, 'id');
    expect(await readRole(table, row.certificate)).toEqual(row);
    const gone = { pk: `CERT#${randomUUID()}`, sk: 'ROLE#current' };
    await strikeMessage(table, gone, 'id');
    expect(await getItem(table, gone)).toBeUndefined();
  });
}

type Reader = (table: Table, key: RowKey) => Promise<unknown>;

function unreadableCases(ground: () => Ground): void {
  const name = `site-${randomUUID()}`;
  const slot = slotKey(`https://${name}.test/directory`, [name]);
  const rows: readonly (readonly [string, RowKey, Reader])[] = [
    ['certificate', certificateKey(name), (table) => readCertificate(table, name)],
    ['role', roleKey(name), (table) => readRole(table, name)],
    ['target', targetKey(name, 'acm'), (table) => readTarget(table, name, 'acm')],
    ['version', versionKey(name, 'aa'), (table) => readVersion(table, name, 'aa')],
    ['slot', slot, (table) => readSlot(table, slot)],
    ['due role', roleKey(name), readDueRow],
    ['due target', targetKey(name, 'acm'), readDueRow],
    ['due slot', slot, readDueRow],
  ];

  it.each(rows)('of a %s is named with what is wrong, and left as it is', async (_what, key, read) => {
    const { table, put } = ground();
    const newer = { ...key, schema: ROW_SCHEMA + 1, kind: 'renew' };
    await put(newer);
    const error = await read(table, key).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreadableRowError);
    expect(String(error)).toContain(`row ${key.pk} ${key.sk} cannot be read: its schema is 2 and this version reads 1`);
    expect(await getItem(table, key)).toEqual(newer);
    await put({ ...key, schema: ROW_SCHEMA });
    await expect(read(table, key)).rejects.toThrow(/its field "\w+" is not an? \w+/);
  });
}
