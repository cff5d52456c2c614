import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** The version that definitions name. Under exactOptionalPropertyTypes CDK's classes miss its interfaces by an `undefined`. */
export function publishedVersion(handler: LambdaFunction): IFunction {
  return handler.currentVersion as IFunction;
}
