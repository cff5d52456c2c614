/** The house's import rules. Each is told with what to do instead. */

// Without it not one .ts file would be read, and no rule be broken.
require.resolve('@swc/core');

const ADAPTERS = '(acme|store|keys|dns|targets|alerts)';

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Move what both need into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment: 'Core decides; let a step or an adapter fetch what it decides from.',
      severity: 'error',
      from: { path: '^lambdas/core/' },
      to: { path: '^(lambdas/(?!core/)|infra|local|cli|test|bench)' },
    },
    {
      name: 'core-needs-no-package',
      comment: 'No AWS and no HTTP in core: put it behind a port.',
      severity: 'error',
      from: { path: '^lambdas/core/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg'] },
    },
    {
      name: 'adapters-know-core-only',
      comment: 'Adapters are put together by steps, not by each other.',
      severity: 'error',
      from: { path: `^lambdas/${ADAPTERS}/` },
      to: { path: '^lambdas/', pathNot: ['^lambdas/core/', '^lambdas/$1/'] },
    },
    {
      name: 'steps-work-on-ports',
      comment: 'A step is a plain function of event and ports: it builds none and is told of no infrastructure.',
      severity: 'error',
      from: { path: '^lambdas/steps/' },
      to: { path: '^(lambdas/(ports|handlers)/|infra|node_modules/@aws-sdk/)' },
    },
    {
      name: 'ports-are-built-for-handlers',
      comment: 'Ports may be put together from anything below handlers.',
      severity: 'error',
      from: { path: '^lambdas/ports/' },
      to: { path: '^lambdas/handlers/' },
    },
    {
      name: 'handlers-only-build-ports',
      comment: 'Build ports, call a step, return; nothing else.',
      severity: 'error',
      from: { path: '^lambdas/handlers/' },
      to: { path: '^lambdas/', pathNot: '^lambdas/(ports|steps|core)/' },
    },
    {
      name: 'lambdas-stand-alone',
      comment: 'What runs in the account is told the rest by its environment.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { path: '^(infra|local|cli|test|bench)/' },
    },
    {
      name: 'no-zod-in-lambdas',
      comment: 'Validate at synth and in the CLI; in a Lambda zod costs more than all else.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { path: '(^|/)node_modules/zod/|^zod($|/)' },
    },
    {
      name: 'lambdas-ship-dependencies-only',
      comment: 'Move the package to `dependencies`.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: ['^aws-lambda$', 'node_modules/@types/'] },
    },
    {
      name: 'infra-names-handlers-by-path',
      comment: 'Infra may share rules and types with core; handlers it names by path only.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(lambdas/(?!core/)|local|cli|test|bench)' },
    },
    {
      name: 'cli-sits-on-top',
      comment:
        'The CLI reads rows, starts runs and sends alerts by the code of the Lambdas; of infra it knows names and the table of alarms only.',
      severity: 'error',
      from: { path: '^cli/' },
      to: {
        path: '^(lambdas|infra|local|bench)/',
        pathNot: [
          '^lambdas/(core|store|steps|alerts)/',
          '^lambdas/ports/(base|run)-ports\\.ts$',
          '^infra/(outputs|machine-names|alarm-table)\\.ts$',
          '^infra/on-node\\.mjs$',
        ],
      },
    },
    {
      name: 'nothing-imports-the-cli',
      comment: 'Move what is shared below the CLI.',
      severity: 'error',
      from: { pathNot: '^(cli|test)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Move what is shared out of test/.',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^test/' },
    },
    {
      name: 'imports-resolve',
      comment: 'Correct the path, or install the package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
  ],
  options: {
    // TypeScript 7 has no compiler interface for JavaScript any more.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^cdk\\.out' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
