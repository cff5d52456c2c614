import type { AccountDifferences } from '../lambdas/port-contracts.ts';

const PASSES = /instead of rejecting/;

/** Where moto is more lenient than AWS, or says it otherwise: there the strict fakes alone decide, by AWS's documentation. */
export const MOTO_DIFFERENCES: AccountDifferences = {
  acm: {
    're-imports onto the same ARN, where the new certificate then is': {
      seen: /expected undefined to be 'arn:aws:acm/,
      reason: 'a re-import drops the tags',
    },
    'refuses a key that is not the certificate’s': { seen: PASSES, reason: 'a key is not compared' },
    'refuses a certificate without the chain that it needs': { seen: PASSES, reason: 'a chain is not looked at' },
    'refuses a whole chain in the place of the leaf': { seen: PASSES, reason: 'one certificate is not asked for' },
    'refuses another key type onto an ARN, and says what to do': { seen: PASSES, reason: 'a re-import has no rules' },
  },
  cloudFront: {
    'says that an update is not everywhere yet, and later that it is': {
      seen: /expected \{ deployed: true \}/,
      reason: 'an update is deployed at once',
    },
    'gives every version of a configuration another ETag, and refuses an update of an earlier one': {
      seen: /not to be '/,
      reason: 'the ETag never changes',
    },
    'has a certificate that CloudFront does not know tried again': { seen: PASSES, reason: 'any ARN passes' },
    'refuses a certificate that does not cover an alias, whatever the port was told of it': {
      seen: PASSES,
      reason: 'any ARN passes',
    },
  },
  ssm: {
    'refuses a value of more than 4,096 bytes': { seen: PASSES, reason: 'values have no longest size' },
  },
  kms: {
    'does not open a key that another KMS key has sealed': {
      seen: /AccessDeniedException/,
      reason: 'AccessDeniedException instead of IncorrectKeyException',
    },
    'names a KMS key that is disabled, when it seals and when it opens': {
      seen: PASSES,
      reason: 'a disabled key seals',
    },
    'names a KMS key that is to be deleted, when it seals and when it opens': {
      seen: PASSES,
      reason: 'a key that is to be deleted seals',
    },
  },
  alerts: {
    'needs SNS to refuse a subject with a line break': { seen: PASSES, reason: 'any subject passes' },
    'needs SNS to refuse a subject beyond ASCII': { seen: PASSES, reason: 'any subject passes' },
    'needs SNS to refuse a subject of 100 characters': {
      seen: PASSES,
      reason: 'the longest subject has 100 characters',
    },
    'needs EventBridge to refuse an event that pretends to be AWS’s in its answer, and no other for its sake': {
      seen: /to deeply equal \[ 1, …\(2\) \]/,
      reason: 'any source passes',
    },
  },
  route53: {
    'keeps apex and wildcard in one set, with one change': {
      seen: /InvalidInput/,
      reason: 'a set that is not there is InvalidInput instead of InvalidChangeBatch',
    },
    'leaves the values and the TTL of others as they are': {
      seen: /"own"|to deeply equal/,
      reason: 'CREATE over another set passes',
    },
    'removes what was never there, twice, and from a zone that is gone': {
      seen: /InvalidInput/,
      reason: 'a set that is not there is InvalidInput instead of InvalidChangeBatch',
    },
    'publishes in several zones and tells which change is whose': {
      seen: /not to be 'C2682N5HXP0BZ4'/,
      reason: 'every change has the same id',
    },
    'is in sync when its changes have reached the name servers': {
      seen: /expected true to be false/,
      reason: 'every change is INSYNC at once',
    },
    'loses no value of 20 publishers at one name, nor any when they clean up': {
      seen: /to deeply equal/,
      reason: 'CREATE over another set passes',
    },
  },
  sts: {
    'is refused to who knows another external id, and that is told with what to correct': {
      seen: PASSES,
      reason: 'trust policies are not looked at',
    },
    'is refused to who knows none, and that is told with what to correct': {
      seen: PASSES,
      reason: 'trust policies are not looked at',
    },
    'that does not exist is refused in the same way': { seen: PASSES, reason: 'roles are not looked up' },
  },
};
