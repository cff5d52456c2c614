import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { type ArnResourceEvent, answerWithArn } from '../ports/arn-resource.ts';
import { systemClock } from '../ports/clock.ts';
import { readParameter } from '../ports/read-parameter.ts';

const ssm = new SSMClient({});
const lambda = new LambdaClient({});

/** The custom resource of `certificateArn`, in the stack that uses it. */
export const handler = (event: ArnResourceEvent, context: Context): Promise<void> =>
  answerWithArn(event, context, {
    clock: systemClock,
    readParameter: (name) => readParameter(ssm, name),
    goOn: async (next) => {
      const { functionName: FunctionName } = context;
      await lambda.send(
        new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(next)) }),
      );
    },
  });
