import type { AccountDifferences } from '../lambdas/port-contracts.ts';
import type { Difference } from '../support/contract.ts';

const PASSES = /instead of rejecting/;
const NO_RULES: Difference = { seen: PASSES, reason: 'imports any bytes onto any ARN' };
const NOT_FOUND: Difference = { seen: /expected undefined to be/, reason: 'lists one name of a certificate' };
const ALWAYS_RSA: Difference = { seen: /keyType: 'rsa-2048'/, reason: 'every key is RSA 2048' };

/**
 * Where MiniStack is more lenient than AWS, or lacks a call. There it is no judge: the strict fakes decide, by AWS's
 * documentation. Its ACM does not matter to what is deployed there, since the strict one is put before it.
 */
export const MINISTACK_DIFFERENCES: AccountDifferences = {
  acm: {
    're-imports onto the same ARN, where the new certificate then is': NOT_FOUND,
    'says undefined of an ARN that holds nothing': {
      seen: /to be undefined/,
      reason: 'an ARN that holds nothing has a certificate',
    },
    'has a re-import onto an ARN that is gone tried again': NO_RULES,
    'finds a first import of type ecdsa-p256 by its owner and its names, in any order': NOT_FOUND,
    'finds a first import of type ecdsa-p384 by its owner and its names, in any order': NOT_FOUND,
    'finds a first import of type rsa-2048 by its owner and its names, in any order': NOT_FOUND,
    'finds a first import of type rsa-3072 by its owner and its names, in any order': NOT_FOUND,
    "tells that an imported certificate is of type ecdsa-p256 and in nobody's use": ALWAYS_RSA,
    "tells that an imported certificate is of type ecdsa-p384 and in nobody's use": ALWAYS_RSA,
    "tells that an imported certificate is of type rsa-3072 and in nobody's use": ALWAYS_RSA,
    'finds what its own stack has imported, not what another stack of the account has under the same name': {
      ...NOT_FOUND,
      seen: /expected undefined to be defined/,
    },
    'refuses a key that is not the certificate’s': NO_RULES,
    'refuses a certificate without the chain that it needs': NO_RULES,
    'refuses a whole chain in the place of the leaf': NO_RULES,
    'refuses a certificate that is over': NO_RULES,
    'refuses another key type onto an ARN, and says what to do': NO_RULES,
    'takes a certificate without a common name': NOT_FOUND,
  },
  cloudFront: {
    'says that an update is not everywhere yet, and later that it is': {
      seen: /expected \{ deployed: true \}/,
      reason: 'an update is deployed at once',
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
    'does not open a key whose ciphertext was changed': {
      seen: /keyUnreadable/,
      reason: 'a changed ciphertext opens, as garbage',
    },
    'does not open a key that another KMS key has sealed': {
      seen: /keyUnreadable/,
      reason: 'another key opens a ciphertext, as garbage',
    },
  },
  alerts: {
    'needs SNS to refuse a subject with a line break': { seen: PASSES, reason: 'any subject passes' },
    'needs SNS to refuse a subject beyond ASCII': { seen: PASSES, reason: 'any subject passes' },
    'needs SNS to refuse a subject of 100 characters': { seen: PASSES, reason: 'any subject passes' },
    'needs EventBridge to refuse an event whose detail is no JSON in its answer, and no other for its sake': {
      seen: /to deeply equal/,
      reason: 'any detail passes',
    },
  },
};
