import {
  CHECK_SECRET_USAGE,
  IAM_MINIMIZE_POLICIES,
  KMS_ALIAS_NAME_REF,
  TARGET_PARTITIONS,
  USE_CDK_MANAGED_LAMBDA_LOGGROUP,
  VALIDATE_SNAPSHOT_REMOVAL_POLICY,
} from 'aws-cdk-lib/cx-api';

/** CDK's switches, here instead of in cdk.json so that a synth inside another program gives the same template. */
export const FEATURE_FLAGS: Readonly<Record<string, unknown>> = {
  [CHECK_SECRET_USAGE]: true,
  [IAM_MINIMIZE_POLICIES]: true,
  [KMS_ALIAS_NAME_REF]: true,
  [TARGET_PARTITIONS]: ['aws', 'aws-cn', 'aws-us-gov'],
  [USE_CDK_MANAGED_LAMBDA_LOGGROUP]: true,
  [VALIDATE_SNAPSHOT_REMOVAL_POLICY]: true,
};
