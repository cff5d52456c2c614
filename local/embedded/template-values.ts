/** Where the embedded account pretends to be. */
export const LOCAL_ACCOUNT = '123456789012';
export const LOCAL_REGION = 'us-east-1';

/** A resource of a CloudFormation template. */
export type TemplateResource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };

/** Resources by logical id. */
export type TemplateResources = Readonly<Record<string, TemplateResource>>;

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': LOCAL_REGION,
  'AWS::AccountId': LOCAL_ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** A value of a template with every intrinsic function replaced by the literal that the embedded account has for it. */
export function resolveValue(value: unknown, resources: TemplateResources): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, resources));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    return resolveIntrinsic(only[0], only[1], resources);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolveValue(item, resources)]));
}

/** {@link resolveValue} of what must be a text. */
export function resolveText(value: unknown, resources: TemplateResources): string {
  const resolved = resolveValue(value, resources);
  if (typeof resolved !== 'string')
    throw new Error(`Expected a text in the template, found ${JSON.stringify(resolved)}`);
  return resolved;
}

function resolveIntrinsic(name: string, argument: unknown, resources: TemplateResources): unknown {
  if (name === 'Ref') return refOf(String(argument), resources);
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts] = argument;
    return parts.map((part: unknown) => resolveText(part, resources)).join(separator);
  }
  if (name === 'Fn::GetAtt' && Array.isArray(argument) && argument[1] === 'Arn') return arnOf(argument[0], resources);
  if (name === 'Fn::GetAtt' && Array.isArray(argument) && argument[1] === 'TopicName') return argument[0];
  if (name === 'Fn::GetAtt' && Array.isArray(argument) && argument[1] === 'QueueName') return argument[0];
  if (name === 'Fn::Sub' && typeof argument === 'string') {
    return argument.replace(/\$\{([^}]+)\}/g, (_, reference: string) => refOf(reference, resources));
  }
  throw new Error(`The embedded account knows no value for ${JSON.stringify({ [name]: argument })}`);
}

/** What `Ref` gives, by resource type. */
function refOf(id: string, resources: TemplateResources): string {
  const pseudo = PSEUDO_PARAMETERS[id];
  if (pseudo !== undefined) return pseudo;
  const { Type, Properties } = resourceOf(id, resources);
  if (Type === 'AWS::DynamoDB::Table') return id;
  if (Type === 'AWS::Lambda::Version') {
    return `${arnOf(resolveText(Properties.FunctionName, resources), resources)}:1`;
  }
  if (Type === 'AWS::Lambda::Function' || Type === 'AWS::Events::Rule') return id;
  if (Type === 'AWS::SQS::Queue') return queueUrl(id);
  return arnOf(id, resources);
}

function arnOf(id: string, resources: TemplateResources): string {
  const { Type, Properties } = resourceOf(id, resources);
  switch (Type) {
    case 'AWS::DynamoDB::Table':
      return arn('dynamodb', `table/${id}`);
    case 'AWS::KMS::Key':
      return arn('kms', `key/${id}`);
    case 'AWS::Lambda::Function':
      return arn('lambda', `function:${id}`);
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${id}:*`);
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${LOCAL_ACCOUNT}:role/${id}`;
    case 'AWS::SNS::Topic':
      return arn('sns', id);
    case 'AWS::SQS::Queue':
      return arn('sqs', id);
    case 'AWS::CloudWatch::Alarm':
      return arn('cloudwatch', `alarm:${resolveText(Properties.AlarmName, resources)}`);
    case 'AWS::Events::Rule':
      return arn('events', `rule/${id}`);
    case 'AWS::StepFunctions::StateMachine':
      return arn('states', `stateMachine:${resolveText(Properties.StateMachineName, resources)}`);
    default:
      throw new Error(`The embedded account has no ARN for ${id} of type ${Type}`);
  }
}

/** Queues are named by their logical ids. */
function queueUrl(id: string): string {
  return `https://sqs.${LOCAL_REGION}.amazonaws.com/${LOCAL_ACCOUNT}/${id}`;
}

function resourceOf(id: string, resources: TemplateResources): TemplateResource {
  const resource = resources[id];
  if (resource === undefined) throw new Error(`The template has no resource ${id}`);
  return resource;
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;
}
