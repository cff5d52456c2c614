declare module 'dynalite' {
  import type { Server } from 'node:http';

  type DynaliteOptions = {
    /** Milliseconds that a table stays in CREATING, DELETING, UPDATING; 500 each by default. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  };

  /** DynamoDB's protocol over HTTP, tables in memory. Its `close` ends the tables, too. */
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
