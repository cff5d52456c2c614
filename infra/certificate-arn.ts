import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { arnParameterName, parameterPrefix } from '../lambdas/core/parameter-name.ts';
import { withHandler } from './bundle/bundle-one.ts';

/** Where the certificate is kept alive. */
export type CertificateArnOptions = {
  /** Name of the stack of Perennial, in the same account and region. Default `Perennial`. */
  readonly stackName?: string;
};

/**
 * The ARN of a certificate that Perennial keeps in ACM, for a listener or a distribution of another stack of the same account
 * and region. A deployment of that stack waits up to 55 minutes for the first import, and says what is missing where it does
 * not come. The ARN stays the same at every renewal.
 *
 * @param certificate Name of the certificate, as declared.
 * @param target Id of its target, `acm` where it has only that.
 */
export function certificateArn(
  scope: Construct,
  certificate: string,
  target = 'acm',
  { stackName = 'Perennial' }: CertificateArnOptions = {},
): string {
  const stack = Stack.of(scope);
  const found = stack.node.tryFindChild(ID);
  const arns = found instanceof CertificateArns ? found : new CertificateArns(stack);
  return arns.of(certificate, target, parameterPrefix(stackName));
}

const ID = 'PerennialCertificateArns';
const LAMBDA_MINUTES = 15;

/** One Lambda a stack, and a custom resource an ARN. */
class CertificateArns extends Construct {
  readonly #waiter: LambdaFunction;
  readonly #goOn: Policy;
  readonly #prefixes = new Set<string>();

  constructor(stack: Stack) {
    super(stack, ID);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.#waiter = withHandler('await-arn', (code) => this.#createWaiter(role, logGroup, code));
    // Beside the role, not in it: the Lambda depends on its role, and this names the Lambda.
    this.#goOn = new Policy(this, 'GoOn', {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.#waiter.functionArn] })],
    });
  }

  of(certificate: string, target: string, prefix: string): string {
    const parameter = arnParameterName(prefix, { certificate, target });
    const known = this.node.tryFindChild(parameter.replaceAll('/', ' '));
    const resource =
      known instanceof CustomResource ? known : this.#createResource(parameter, certificate, target, prefix);
    return resource.getAttString('Arn');
  }

  #createWaiter(role: Role, logGroup: LogGroup, code: Code): LambdaFunction {
    return new LambdaFunction(this, 'Waiter', {
      description: 'Waits for the ARN of a certificate that Perennial keeps alive',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 128,
      timeout: Duration.minutes(LAMBDA_MINUTES),
      handler: 'index.handler',
      code,
      role,
      logGroup,
    });
  }

  #createResource(parameter: string, certificate: string, target: string, prefix: string): CustomResource {
    this.#allowReading(prefix);
    const resource = new CustomResource(this, parameter.replaceAll('/', ' '), {
      resourceType: 'Custom::PerennialCertificateArn',
      serviceToken: this.#waiter.functionArn,
      serviceTimeout: Duration.hours(1),
      properties: { certificate, target, parameter },
    });
    resource.node.addDependency(this.#goOn);
    return resource;
  }

  #allowReading(prefix: string): void {
    if (this.#prefixes.has(prefix)) return;
    this.#prefixes.add(prefix);
    const resourceName = `${prefix.slice(1)}/*`;
    const parameters = Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName });
    this.#waiter.addToRolePolicy(new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [parameters] }));
  }
}
