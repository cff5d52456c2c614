import { Code } from 'aws-cdk-lib/aws-lambda';
import type { HandlerCode } from '../functions.ts';

/** Stands in for the bundles where only template and definitions matter. */
export const placeholderCode: HandlerCode = (handler) =>
  Code.fromInline(`// ${handler}\nexports.handler = undefined;\n`);
