import type { HandlerName } from './handlers.ts';
import type { MachineName } from './machine-names.ts';

/**
 * What one Lambda may do and is told: its policy and its environment follow from this. The asset that `sync-inventory` reads
 * grants itself.
 */
export type Needs = {
  /** Actions on the table, without their `dynamodb:` prefix. */
  readonly table: readonly ('GetItem' | 'PutItem' | 'UpdateItem' | 'Query' | 'Scan')[];
  /** Queries the due index. */
  readonly dueIndex?: true;
  /** Actions on the sealing key, without their `kms:` prefix; none where the key is only named to the ports it shares. */
  readonly keys?: readonly ('Encrypt' | 'Decrypt')[];
  /** Registers accounts, some of them bound to external ones whose keys are secrets. */
  readonly registers?: true;
  /** `locate` finds a name's zone, `change` edits `_acme-challenge` TXT records, `sync` asks whether a change is everywhere. */
  readonly dns?: readonly ('locate' | 'change' | 'sync')[];
  /** Imports certificates into ACM and finds them again. */
  readonly acm?: true;
  /** Machines whose executions it starts. */
  readonly starts?: readonly MachineName[];
  /** Machines whose executions it asks about: who begins on a slot asks whether its owner still runs. */
  readonly describes?: readonly MachineName[];
  /** Publishes outboxes: SNS for people, EventBridge for machines. */
  readonly publishes?: true;
};

const SLOT_OWNERS = ['renewal', 'settle'] as const;

/** CreateOrder makes the keys of accounts and orders, FinalizeOrder a new one where the CA refused the first. */
const KEY_MAKING_STEP: Needs = {
  table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
  keys: ['Encrypt', 'Decrypt'],
  registers: true,
  dns: ['locate', 'change'],
  starts: ['push'],
  describes: SLOT_OWNERS,
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
  'create-order': KEY_MAKING_STEP,
  'poll-order': {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
    keys: ['Decrypt'],
    registers: true,
    dns: ['locate', 'change', 'sync'],
    starts: ['push'],
    describes: SLOT_OWNERS,
    publishes: true,
  },
  'finalize-order': KEY_MAKING_STEP,
  'record-failure': {
    table: ['GetItem', 'UpdateItem', 'Query'],
    dns: ['change'],
    describes: ['renewal', 'push', 'settle'],
    publishes: true,
  },
  'push-target': { table: ['GetItem', 'UpdateItem'], keys: ['Decrypt'], acm: true, publishes: true },
  'probe-target': { table: ['GetItem', 'UpdateItem'], publishes: true },
  settle: {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
    keys: ['Decrypt'],
    registers: true,
    dns: ['change'],
    describes: SLOT_OWNERS,
    publishes: true,
  },
  'sync-inventory': {
    table: ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'Scan'],
    starts: ['sweep'],
  },
};
