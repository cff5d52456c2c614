import { fileURLToPath } from 'node:url';
import type { PythonEnvironment } from '../peers/python.ts';

/** The one version whose traps are known, and the interpreter that runs it. */
export const MINISTACK: PythonEnvironment = {
  program: 'ministack',
  version: '1.5.33',
  requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
};
