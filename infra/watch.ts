import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { watchListOf } from '../lambdas/core/watch-list.ts';
import type { ResolvedConfig } from './config/resolved.ts';
import { grant, statementOf } from './grant.ts';
import { publishedVersion } from './published-version.ts';

/** Five thousand places that all time out take 500 s; memory is CPU, for as many handshakes. */
export const WATCH_SECONDS = 600;
export const WATCH_MEMORY_MB = 1024;

/**
 * What the watch remembers: what is wrong since when, and what was told. A table of its own, under AWS's key, so that it works
 * while the one table or its key does not; it may be lost, at the price of telling once more.
 */
export function createWatchTable(scope: Construct): Table {
  return new Table(scope, 'WatchTable', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'ttl',
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Starts the watch once an hour, and gives it the list of what it watches as an asset of this deployment. */
export function createWatch(
  parent: Construct,
  config: Pick<ResolvedConfig, 'declarations' | 'acmImportQuota'>,
  handler: LambdaFunction,
): Schedule {
  const scope = new Construct(parent, 'WatchSchedule');
  const asset = listAsset(scope, config);
  const objects = asset.bucket.arnForObjects(asset.s3ObjectKey);
  handler.addToRolePolicy(statementOf(grant('s3', ['GetObject'], [objects])));
  handler.addEnvironment('WATCH_LIST_BUCKET', asset.s3BucketName);
  handler.addEnvironment('WATCH_LIST_KEY', asset.s3ObjectKey);
  return scheduleHourly(scope, handler);
}

/** Has a watch look once an hour. */
export function scheduleHourly(scope: Construct, handler: LambdaFunction): Schedule {
  return new Schedule(scope, 'Schedule', {
    description: 'Looks at what is served',
    schedule: ScheduleExpression.rate(Duration.hours(1)),
    // Another hour brings another look.
    target: new LambdaInvoke(publishedVersion(handler), { retryAttempts: 2, maxEventAge: Duration.minutes(30) }),
  });
}

function listAsset(
  scope: Construct,
  { declarations, acmImportQuota }: Pick<ResolvedConfig, 'declarations' | 'acmImportQuota'>,
): Asset {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-watch-'));
  try {
    const path = join(folder, 'watch-list.json');
    writeFileSync(path, JSON.stringify(watchListOf(declarations, acmImportQuota)));
    return new Asset(scope, 'Asset', { path });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
