import {
  DeleteFunctionCommand,
  type LambdaClient,
  ListVersionsByFunctionCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import type { PublishedVersion } from '../core/old-versions.ts';
import type { FunctionVersions } from '../steps/prune-versions.ts';

/**
 * AWS Lambda's versions.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export function createFunctionVersions(client: LambdaClient): FunctionVersions {
  return {
    list: async (FunctionName) => {
      const found: PublishedVersion[] = [];
      let Marker: string | undefined;
      do {
        const page = await client.send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
        for (const { Version = '', LastModified = '' } of page.Versions ?? []) {
          if (/^\d+$/.test(Version)) found.push({ version: Version, publishedAt: Date.parse(LastModified) });
        }
        Marker = page.NextMarker;
      } while (Marker);
      return found;
    },
    delete: async (FunctionName, Qualifier) => {
      // Without a qualifier the whole function would go.
      if (!/^\d+$/.test(Qualifier)) throw new Error(`"${Qualifier}" is no version of ${FunctionName}`);
      try {
        await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}
