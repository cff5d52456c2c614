import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { addSecondWatch } from '../../infra/second-watch/add-second-watch.ts';
import { CONFIG } from '../infra/fixtures.ts';
import { definitions } from '../infra/template.ts';
import { resourcePolicies, rolePolicies } from './policies.ts';
import { pythonWithJudges, verdictOf } from './python-judges.ts';
import { CFN_LINT_EXCEPTIONS, PARLIAMENT_EXCEPTIONS } from './verdict-exceptions.ts';

type LintFinding = { readonly Rule: { readonly Id: string }; readonly Message: string };
type PolicyFinding = { readonly policy: string; readonly issue: string; readonly detail: string };

/** The command's own file names the folder in which pip wrote it, which has moved since. */
const RUN_CFN_LINT = 'from cfnlint.runner import main; main()';

const python = await pythonWithJudges();

/** The whole templates, as deployed. */
async function lint(interpreter: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-lint-'));
  try {
    const app = new App({ context: { ...FEATURE_FLAGS }, outdir: join(folder, 'out') });
    const stack = new PerennialStack(app, 'Perennial', { config: CONFIG, code: placeholderCode });
    addSecondWatch(stack, { ...CONFIG, watchRegion: 'eu-central-1' }, 'us-east-1');
    const files = app.synth().stacks.map(({ stackName, template }) => {
      const file = join(folder, `${stackName}.json`);
      writeFileSync(file, JSON.stringify(template));
      return file;
    });
    const args = ['-c', RUN_CFN_LINT, '--format', 'json', '--', ...files];
    const found = (await verdictOf(interpreter, args)) as readonly LintFinding[];
    return found.map(({ Rule, Message }) => `${Rule.Id} ${Message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judgePolicies(interpreter: string): Promise<readonly string[]> {
  const policies = Object.fromEntries([...rolePolicies(definitions), ...resourcePolicies(definitions)]);
  const script = fileURLToPath(new URL('judge_policies.py', import.meta.url));
  const found = (await verdictOf(interpreter, [script], JSON.stringify(policies))) as readonly PolicyFinding[];
  return found.map(({ issue, detail, policy }) => `${issue} ${policy} ${detail}`);
}

describe.skipIf(python === undefined).each([
  ['cfn-lint', lint, CFN_LINT_EXCEPTIONS],
  ['parliament', judgePolicies, PARLIAMENT_EXCEPTIONS],
] as const)('%s', (_judge, judge, exceptions) => {
  it('finds nothing that is not accepted with a reason, and everything that is', async () => {
    const found = await judge(python ?? '');
    expect(found.filter((text) => !exceptions.some(({ finding }) => finding.test(text)))).toEqual([]);
    expect(exceptions.filter(({ finding }) => !found.some((text) => finding.test(text)))).toEqual([]);
  });
});
