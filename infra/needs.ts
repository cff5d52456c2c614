import type { KeyPurpose } from '../lambdas/core/key-purpose.ts';
import type { TargetFamily } from '../lambdas/core/target-family.ts';
import type { DnsPart } from './dns-permissions.ts';
import type { HandlerName } from './handlers.ts';
import type { MachineName } from './machine-names.ts';

/**
 * What one Lambda may do and is told: its policy and its environment follow from this. The asset that `sync-inventory` reads
 * and the versions that `prune-versions` deletes grant themselves.
 */
export type Needs = {
  /** Actions on the table, without their `dynamodb:` prefix. */
  readonly table: readonly ('GetItem' | 'PutItem' | 'UpdateItem' | 'Query' | 'Scan')[];
  /** Queries the due index. */
  readonly dueIndex?: true;
  /** Kinds of private key that it makes and seals, and that it opens. */
  readonly keys?: { readonly seals?: readonly KeyPurpose[]; readonly opens: readonly KeyPurpose[] };
  /** Registers accounts, some of them bound to external ones whose keys are secrets. */
  readonly registers?: true;
  /** What it does in DNS. */
  readonly dns?: readonly DnsPart[];
  /** Pushes to the declared targets of one family. */
  readonly pushes?: TargetFamily;
  /** Writes the ARNs of its certificates as SSM parameters below the stack's prefix. */
  readonly parameters?: true;
  /** Machines whose executions it starts. */
  readonly starts?: readonly MachineName[];
  /** Machines whose executions it asks about: who begins on a slot asks whether its owner still runs. */
  readonly describes?: readonly MachineName[];
  /** Has a table of its own for what it has seen, and looks who is told. */
  readonly watches?: true;
  /** Empties the queues of the channels. */
  readonly delivers?: true;
  /** Publishes outboxes: SNS for people, EventBridge for machines. */
  readonly publishes?: true;
};

const SLOT_OWNERS = ['renewal', 'settle'] as const;

/** An order is worked on in an account's name, and its certificate is judged by its key. */
const BOTH_KEYS = ['acme-account', 'certificate-key'] as const;

/** CreateOrder makes the keys of accounts and orders. */
const CREATE_ORDER: Needs = {
  table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
  keys: { seals: BOTH_KEYS, opens: BOTH_KEYS },
  registers: true,
  dns: ['locate', 'change'],
  starts: ['push'],
  describes: SLOT_OWNERS,
  publishes: true,
};

/** Opens the key that it pushes. */
const PUSH: Needs = {
  table: ['GetItem', 'UpdateItem'],
  keys: { opens: ['certificate-key'] },
  publishes: true,
};

/**
 * Least privilege, one entry a Lambda. Any order step may find an order `valid`: it stores the certificate and starts the
 * pushes.
 */
export const NEEDS: Readonly<Record<HandlerName, Needs>> = {
  'find-due': {
    table: ['GetItem', 'UpdateItem'],
    dueIndex: true,
    starts: ['renewal', 'push', 'settle'],
    publishes: true,
  },
  'refresh-ari': { table: ['GetItem', 'UpdateItem'], dueIndex: true, publishes: true },
  'create-order': CREATE_ORDER,
  'poll-order': {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
    keys: { opens: BOTH_KEYS },
    registers: true,
    dns: ['locate', 'change', 'sync'],
    starts: ['push'],
    describes: SLOT_OWNERS,
    publishes: true,
  },
  // Makes a new key where the CA has refused the first.
  'finalize-order': { ...CREATE_ORDER, keys: { seals: ['certificate-key'], opens: BOTH_KEYS } },
  'record-failure': {
    table: ['GetItem', 'UpdateItem', 'Query'],
    dns: ['change'],
    describes: ['renewal', 'push', 'settle'],
    publishes: true,
  },
  'push-target': {
    ...PUSH,
    // Looks for the targets that bind its ARN.
    table: ['GetItem', 'UpdateItem', 'Query'],
    pushes: 'acm',
    parameters: true,
  },
  'push-aws': { ...PUSH, pushes: 'aws' },
  'push-export': { ...PUSH, pushes: 'export' },
  'probe-target': { table: ['GetItem', 'UpdateItem'], publishes: true },
  // Knows neither table nor keys: nothing that it reports on.
  'deliver-alert': { table: [], delivers: true },
  settle: {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
    keys: { opens: BOTH_KEYS },
    registers: true,
    dns: ['change'],
    describes: SLOT_OWNERS,
    publishes: true,
  },
  // Makes due what a look has found; starts nothing itself.
  watch: { table: ['GetItem', 'UpdateItem', 'Query'], dueIndex: true, watches: true, publishes: true },
  'sync-inventory': {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'Scan'],
    starts: ['sweep'],
  },
  'prune-versions': { table: [] },
};
