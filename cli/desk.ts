import type { Clock } from '../lambdas/core/ports.ts';
import { tablePort } from '../lambdas/ports/base-ports.ts';
import type { Table } from '../lambdas/store/table.ts';
import type { Clients } from './account/clients.ts';
import { findStack, type StackPlaces } from './account/stack.ts';

/** What a command is given: whom to ask, and time. */
export type Desk = {
  readonly clients: Clients;
  readonly stackName: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly newId: () => string;
  /** Says at once what goes on; with `--json` nobody hears it. */
  readonly tell: (line: string) => void;
};

/** The stack, and its tables. */
export type Account = {
  readonly places: StackPlaces;
  readonly table: Table;
  /** That of the watch; absent where the stack does not say its name. */
  readonly watchTable?: Table;
};

/** Looks up the stack. Throws a CliError where it is not there. */
export async function openAccount({ clients, stackName }: Desk): Promise<Account> {
  const places = await findStack(clients.cloudFormation, stackName);
  const { tableName, watchTableName } = places;
  return {
    places,
    table: tablePort(clients.dynamoDb, tableName),
    ...(watchTableName !== undefined && { watchTable: tablePort(clients.dynamoDb, watchTableName) }),
  };
}
