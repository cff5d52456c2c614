import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PythonEnvironment } from '../../local/peers/python.ts';
import { pythonInterpreter } from '../../local/peers/python.ts';
import { peerOrSkip } from '../support/peers.ts';

/** cfn-lint and parliament. */
const JUDGES: PythonEnvironment = {
  program: 'cfn-lint',
  version: '1.58.0',
  requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
};

/** Python with the judges; undefined, said aloud, where it is not to be had. */
export function pythonWithJudges(): Promise<string | undefined> {
  return peerOrSkip('cfn-lint and parliament', () => pythonInterpreter(JUDGES));
}

/** What a judge prints as JSON, whatever it exits with: a verdict is no failure. */
export function verdictOf(command: string, args: readonly string[], input = ''): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`${command} printed no verdict: ${stderr.slice(-2_000)}`));
      }
    });
    child.stdin?.end(input);
  });
}
