import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { WATCH_LIST_SCHEMA, type WatchList } from '../core/watch-list.ts';

/** Reads what is watched from the asset of the deployment, once a Lambda. Throws where it is no list of this version. */
export function watchAsset(client: S3Client, bucket: string, key: string): () => Promise<WatchList> {
  let list: Promise<WatchList> | undefined;
  return () => {
    list ??= readList(client, bucket, key).catch((error: unknown) => {
      list = undefined;
      throw error;
    });
    return list;
  };
}

async function readList(client: S3Client, bucket: string, key: string): Promise<WatchList> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const parsed: unknown = JSON.parse((await Body?.transformToString()) ?? 'null');
  if (isList(parsed)) return parsed;
  throw new Error(`s3://${bucket}/${key} is not the watch's list of this version of the stack; deploy again`);
}

function isList(value: unknown): value is WatchList {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === WATCH_LIST_SCHEMA;
}
