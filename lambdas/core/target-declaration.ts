import type { AssumableRole } from './dns-zones.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** Where the served certificate is looked at; `control-plane` when no handshake can reach it. */
export type Probe = { readonly host: string; readonly port: number; readonly servername: string } | 'control-plane';

/** Where CloudFront reads ACM certificates. https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html */
export const CLOUDFRONT_REGION = 'us-east-1';

/** What every target has. */
type TargetBase = {
  readonly id: string;
  readonly probe: Probe;
  /** How to try again, where it is not as its certificate does. */
  readonly retry?: RetryPolicy;
};

/** Where in AWS a target is. */
type AwsPlace = {
  /** Region; the stack's own when absent. */
  readonly region?: string;
  /** A role in the account that has it, where that is another. */
  readonly role?: AssumableRole;
};

/** A certificate in AWS Certificate Manager. */
export type AcmTarget = TargetBase &
  AwsPlace & {
    readonly kind: 'acm';
    /** An imported certificate that is there already: versions are imported onto it. */
    readonly arn?: string;
    /** CloudFront distributions that serve the certificate, which is then in us-east-1. */
    readonly distributions?: readonly string[];
  };

/** A listener of an Application or Network Load Balancer. */
export type LoadBalancerTarget = TargetBase &
  AwsPlace & {
    readonly kind: 'load-balancer';
    readonly listenerArn: string;
    /** `default` is shown to clients that name no server, or none that another certificate of the listener covers. */
    readonly as: 'default' | 'sni';
    /** Id of the ACM target of the same certificate whose ARN is bound. */
    readonly acm: string;
  };

/** A custom domain name of API Gateway, whose certificate is in ACM. */
export type ApiGatewayTarget = TargetBase &
  AwsPlace & {
    readonly kind: 'api-gateway';
    readonly domainName: string;
    /** Which API Gateway has the domain name. */
    readonly api: 'http' | 'rest';
    /** Id of the ACM target of the same certificate whose ARN is bound. */
    readonly acm: string;
  };

/** A server certificate in IAM, for CloudFront where there is no ACM that it reads. */
export type IamCertificateTarget = TargetBase & {
  readonly kind: 'iam-certificate';
  /** CloudFront distributions that serve it. */
  readonly distributions: readonly string[];
  readonly role?: AssumableRole;
};

/** A secret of Secrets Manager that servers of the user's own read. */
export type SecretsManagerTarget = TargetBase &
  AwsPlace & {
    readonly kind: 'secrets-manager';
    readonly secretName: string;
    /** ARN of the KMS key of a secret that Perennial makes; the account's `aws/secretsmanager` when absent. */
    readonly kmsKeyArn?: string;
  };

/** Objects in S3 that servers of the user's own read. */
export type S3Target = TargetBase &
  AwsPlace & {
    readonly kind: 's3';
    readonly bucket: string;
    /** What the objects' keys begin with; ends in `/` unless it is empty. */
    readonly prefix: string;
    /** ARN of the KMS key for SSE-KMS; the account's `aws/s3` when absent. */
    readonly kmsKeyArn?: string;
  };

/** An HTTPS endpoint of the user's own. */
export type WebhookTarget = TargetBase & {
  readonly kind: 'webhook';
  readonly url: string;
  /** Secret of Secrets Manager that holds the key of the HMAC signature. */
  readonly secretName: string;
  /** Whether the private key is sent. */
  readonly includeKey: boolean;
};

/** A place that serves a certificate, as the user declares it, resolved. */
export type TargetDeclaration =
  | AcmTarget
  | LoadBalancerTarget
  | ApiGatewayTarget
  | IamCertificateTarget
  | SecretsManagerTarget
  | S3Target
  | WebhookTarget;

export type TargetKind = TargetDeclaration['kind'];

/** The declaration of one kind. */
export type TargetOf<Kind extends TargetKind> = Extract<TargetDeclaration, { kind: Kind }>;
