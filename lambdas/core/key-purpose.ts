/** What a private key is for: `purpose` in the encryption context it is sealed under. IAM policies go by it. */
export type KeyPurpose = 'acme-account' | 'certificate-key';

/** An encryption context of the purpose; its other pairs bind the key to its row. */
export function sealingContext(
  purpose: KeyPurpose,
  pairs: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { purpose, ...pairs };
}
