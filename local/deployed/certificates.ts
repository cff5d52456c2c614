import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Item, queryItems, type Table } from '../../lambdas/store/table.ts';
import { createServedCertificate } from '../../lambdas/targets/served-certificate.ts';
import type { DeployedGround } from './ground.ts';
import type { ClientSettings } from './ministack.ts';

/** What the account's table says of a certificate, and what is served. */
export interface CertificateState {
  readonly name: string;
  readonly domains: readonly string[];
  readonly versions: number;
  /** SHA-256 of the current version's leaf, lower-case hex; absent before there is one. */
  readonly fingerprint?: string;
  /** SHA-256 of the leaf that the edge serves for every name; absent while it serves none, or several. */
  readonly servedFingerprint?: string;
  /** Of what is served, milliseconds since the epoch. */
  readonly notAfter?: number;
  /** ARN in ACM, and whether the target's row says that this version has been proven there. */
  readonly arn?: string;
  readonly proven: boolean;
  /** Messages that have not been published yet. */
  readonly waitingMessages: number;
}

const PROBE_DEADLINE_MS = 5_000;

export function tableOf(settings: ClientSettings, name: string): Table {
  return { client: DynamoDBDocumentClient.from(new DynamoDBClient(settings)), name };
}

function rowsOf(table: Table, certificate: string, kind: 'ROLE#' | 'TARGET#' | 'VERSION#'): Promise<readonly Item[]> {
  return queryItems(table, `CERT#${certificate}`, kind);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A wildcard is looked at by a name that it stands for. */
function nameFor(domain: string): string {
  return domain.replace(/^\*/, 'any');
}

async function servedFor(domains: readonly string[], port: number) {
  const served = createServedCertificate();
  const seen = await Promise.all(
    domains.map((domain) => served.probe({ host: '127.0.0.1', port, servername: nameFor(domain) }, PROBE_DEADLINE_MS)),
  );
  const [first] = seen;
  if (first === undefined || 'error' in first) return undefined;
  return seen.every((leaf) => 'sha256' in leaf && leaf.sha256 === first.sha256) ? first : undefined;
}

/** Reads a certificate's rows and looks at the edge. */
export async function certificateState(
  ground: Pick<DeployedGround, 'edge'>,
  table: Table,
  { name, domains }: { readonly name: string; readonly domains: readonly string[] },
): Promise<CertificateState> {
  const [roles, targets, versions, served] = await Promise.all([
    rowsOf(table, name, 'ROLE#'),
    rowsOf(table, name, 'TARGET#'),
    rowsOf(table, name, 'VERSION#'),
    servedFor(domains, ground.edge.port),
  ]);
  const fingerprint = text(roles[0]?.version);
  const arn = text(targets[0]?.remoteId);
  return {
    name,
    domains,
    versions: versions.length,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(served === undefined ? {} : { servedFingerprint: served.sha256, notAfter: served.notAfter }),
    ...(arn === undefined ? {} : { arn }),
    proven: fingerprint !== undefined && text(targets[0]?.proven) === fingerprint,
    waitingMessages: [...roles, ...targets].flatMap(({ outbox }) => Object.keys(outbox ?? {})).length,
  };
}
