import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HANDLER_NAMES } from '../../infra/handlers.ts';
import { problemFault } from '../faults/stage.ts';
import { type LoggedLine, recordLines } from '../support/log-lines.ts';
import { startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { resourcesOf } from './template.ts';

type Definition = { readonly Name: string; readonly QueryString: string; readonly LogGroupNames: readonly object[] };

const QUERIES = Object.values(resourcesOf('AWS::Logs::QueryDefinition')).map(
  ({ Properties }) => Properties as Definition,
);

/** Commands, functions and operators of the query language that the queries use. */
const LANGUAGE =
  /^(fields|filter|stats|sort|limit|by|as|and|asc|desc|count|count_distinct|latest|min|max|bin|ispresent)$/;

/** Names in a query that are neither the language's, nor made by `as`, nor CloudWatch's own (`@timestamp`). */
function fieldsOf(query: string): readonly string[] {
  const bare = query.replaceAll(/"[^"]*"/g, '').replaceAll(/bin\([^)]*\)/g, '');
  const made = new Set([...bare.matchAll(/\bas (\w+)/g)].map(([, name = '']) => name));
  const names = [...bare.matchAll(/(?<![@\w])[A-Za-z_]\w*/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !LANGUAGE.test(name) && !made.has(name));
}

/** Lines of the one event that a query is about, or of all. */
function eventOf(query: string): string | undefined {
  return /event = "(\w+)"/.exec(query)?.[1];
}

let account: VirtualAccount;
let lines: readonly LoggedLine[];
beforeAll(async () => {
  const recorded = recordLines();
  account = await startVirtualAccount({ onLog: recorded.onLog });
  const headers = { 'content-type': 'application/problem+json', 'x-request-id': 'request-1' };
  account.ca.faults.add({ endpoint: 'newOrder', fault: problemFault(400, 'rejectedIdentifier', 'no', { headers }) });
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.sweep();
  account.ca.faults.clear();
  await account.settleDown(30 * 3_600_000);
  lines = recorded.lines();
});
afterAll(() => account.close());

describe('The saved queries', () => {
  it('are there, in a folder of the stack', () => {
    expect(QUERIES.map(({ Name }) => Name)).toEqual([
      'Perennial/Failures by code',
      'Perennial/Slow requests to CAs',
      "Perennial/One certificate's story",
      'Perennial/CA request ids of failures',
      "Perennial/CAs' error rate by hour",
      'Perennial/DNS zones slow to propagate',
    ]);
  });

  it.each(QUERIES)('$Name asks all Lambdas', ({ LogGroupNames }) => {
    expect(LogGroupNames).toHaveLength(HANDLER_NAMES.length);
  });

  it.each(QUERIES)('$Name names only fields that lines really have', ({ QueryString }) => {
    const event = eventOf(QueryString);
    const about = lines.filter((line) => event === undefined || line.event === event);
    const known = new Set(about.flatMap((line) => Object.keys(line)));
    expect(about.length).toBeGreaterThan(0);
    expect(fieldsOf(QueryString).length).toBeGreaterThan(1);
    expect(fieldsOf(QueryString).filter((field) => !known.has(field))).toEqual([]);
  });

  it('would be caught naming another', () => {
    expect(fieldsOf('fields @timestamp, nothing | stats max(ms) as slowest by ca, bin(1h) as hour')).toEqual([
      'nothing',
      'ms',
      'ca',
    ]);
  });
});
