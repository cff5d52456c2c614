import { Stack } from 'aws-cdk-lib';
import { type ILogGroup, QueryDefinition, QueryString, type QueryStringProps } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { HandlerFunctions } from './functions.ts';

/** A saved query: what the console calls it, and what it asks. `docs/logs.md` has what each is for. */
type LogQuery = { readonly id: string; readonly name: string; readonly query: QueryStringProps };

/**
 * Queries of CloudWatch Logs Insights over the lines of all Lambdas, whose fields `lambdas/core/log.ts` names.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
const LOG_QUERIES: readonly LogQuery[] = [
  {
    id: 'FailuresByCode',
    name: 'Failures by code',
    query: {
      filterStatements: ['event = "failure"'],
      statsStatements: [
        'count(*) as failures, count_distinct(certificate) as certificates, latest(message) as lastMessage by class, code, ca',
      ],
      sort: 'failures desc',
    },
  },
  {
    id: 'SlowCaRequests',
    name: 'Slow requests to CAs',
    query: {
      fields: [
        '@timestamp',
        'ms',
        'ca',
        'request',
        'method',
        'path',
        'httpStatus',
        'error',
        'certificate',
        'requestId',
      ],
      filterStatements: ['event = "caRequest"'],
      sort: 'ms desc',
      limit: 100,
    },
  },
  {
    id: 'CertificateStory',
    name: "One certificate's story",
    query: {
      fields: ['@timestamp', 'handler', 'event', 'message', 'status', 'ca', 'target', 'startSeq', 'execution'],
      // A person puts the name here.
      filterStatements: ['certificate = "NAME"'],
      sort: '@timestamp asc',
      limit: 1000,
    },
  },
  {
    id: 'CaRequestIds',
    name: 'CA request ids of failures',
    query: {
      fields: ['@timestamp', 'ca', 'requestId', 'request', 'path', 'httpStatus', 'problemType', 'certificate'],
      filterStatements: ['event = "caRequest" and ispresent(error) and ispresent(requestId)'],
      sort: '@timestamp desc',
      limit: 100,
    },
  },
  {
    id: 'CaErrorRate',
    name: "CAs' error rate by hour",
    query: {
      filterStatements: ['event = "caRequest"'],
      statsStatements: [
        'count(*) as requests, count(error) as failed, 100 * failed / requests as failedPercent by ca, bin(1h) as hour',
      ],
      sort: 'hour desc',
    },
  },
  {
    id: 'SlowZones',
    name: 'DNS zones slow to propagate',
    query: {
      filterStatements: ['event = "dnsLook"'],
      statsStatements: [
        'min(@timestamp) as first, max(@timestamp) as last, (last - first) / 1000 as seconds, count(*) as looks, max(missing) as mostMissing, max(silent) as mostSilent by zone, certificate, startSeq',
      ],
      sort: 'seconds desc',
      limit: 100,
    },
  },
];

/** Saves the queries, in a folder of the stack's name. */
export function createLogQueries(scope: Construct, functions: HandlerFunctions): void {
  const own = new Construct(scope, 'LogQueries');
  const logGroups = Object.values(functions).map(({ logGroup }): ILogGroup => logGroup);
  for (const { id, name, query } of LOG_QUERIES) {
    const queryDefinitionName = `${Stack.of(scope).stackName}/${name}`;
    new QueryDefinition(own, id, { queryDefinitionName, queryString: new QueryString(query), logGroups });
  }
}
