import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { CertificateDeclaration } from '../core/declaration.ts';

/** Reads the declarations that the deployment put into S3. Throws where the object is no list of them. */
export async function readDeclarations(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<readonly CertificateDeclaration[]> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const parsed: unknown = JSON.parse((await Body?.transformToString()) ?? 'null');
  if (Array.isArray(parsed) && parsed.every(isDeclaration)) return parsed;
  throw new Error(
    `s3://${bucket}/${key} is not the list of certificates that this version of the stack wrote; deploy again`,
  );
}

/** The configuration was validated when the stack was synthesised; here only its shape is checked. */
function isDeclaration(value: unknown): value is CertificateDeclaration {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'name' in value &&
    typeof value.name === 'string' &&
    'domains' in value &&
    Array.isArray(value.domains) &&
    'cas' in value &&
    Array.isArray(value.cas)
  );
}
