import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ca, startCa } from '../../local/ca/ca.ts';
import { localAuthority } from '../../local/deployed/authority.ts';
import { type DeployedGround, startGround } from '../../local/deployed/ground.ts';
import { findPython } from '../../local/peers/python.ts';
import { DeployedStack } from './support/deployed-stack.ts';
import { expectIssuedOnce, expectNothingLeft } from './support/oracles.ts';
import { type Section, sectionsOf } from './support/page.ts';
import { outputsOf, type Person, personAt } from './support/person.ts';

const MINUTES = 60_000;
const PAGE = await sectionsOf(new URL('../../docs/getting-started.md', import.meta.url));
const PROJECT = new URL('../../', import.meta.url);

function section(title: string): Section {
  const found = PAGE.find((one) => one.title === title);
  if (found === undefined) throw new Error(`the page has no section "${title}"`);
  return found;
}

describe.runIf((await findPython()) !== undefined)('docs/getting-started.md, command by command', () => {
  let staging: Ca;
  let production: Ca;
  let ground: DeployedGround;
  let person: Person;
  let config: string;
  let stack: DeployedStack;
  let first: { readonly version: string; readonly arn: string };
  const ran: string[] = [];

  beforeAll(async () => {
    ground = await startGround({
      say: () => undefined,
      authority: async (resolver) => {
        staging = await startCa({ resolver, name: 'Staging' });
        production = await startCa({ resolver, name: 'Production' });
        return localAuthority(staging);
      },
    });
    config = join(ground.ministack.folder, 'perennial.config.ts');
    person = personAt(ground.ministack, config);
  }, 10 * MINUTES);

  afterAll(async () => {
    await ground?.stop();
    await production?.stop();
  }, MINUTES);

  /** All commands of a section, in order. @returns what each has printed */
  async function follow(title: string, fillIn: (command: string) => string = (command) => command): Promise<string[]> {
    const printed: string[] = [];
    for (const command of section(title).commands) {
      printed.push(await person.types(fillIn(command)));
      ran.push(`${title}: ${command}`);
    }
    return printed;
  }

  /** The page's configuration, with names and CAs that can be reached here. */
  async function writeConfig(cas: string): Promise<void> {
    const [snippet = ''] = section('Get a first certificate, on staging').snippets;
    const ca = ({ directoryUrl, rootPem, issuerRootsPem }: Ca, environment: string) =>
      JSON.stringify({ directoryUrl, rootsPem: rootPem, issuerRootsPem, environment });
    const local = [
      `cas: { 'local-staging': ${ca(staging, 'staging')}, 'local': ${ca(production, 'production')} },`,
      `dns: ${JSON.stringify({ nameServers: { '*': ground.dnsServer }, resolvers: [ground.dnsServer] })},`,
    ];
    const text = snippet
      .replace(/^ *cas: .*\n/m, cas)
      .replaceAll('your.domain', 'perennial.test')
      .replaceAll("'letsencrypt", "'local")
      .replace("'./infra/", `'${new URL('infra/', PROJECT).pathname}`)
      .replace(/^\}\);/m, `${local.join('\n')}\n});`);
    await writeFile(config, text);
  }

  it(
    'gets a first certificate from staging, and tells the e-mail that is to be confirmed',
    async () => {
      await follow('Prepare the account');
      const [snippet = ''] = section('Get a first certificate, on staging').snippets;
      await writeConfig(snippet.match(/^ *cas: .*\n/m)?.[0] ?? '');
      const [printed = ''] = await follow('Get a first certificate, on staging');
      stack = new DeployedStack(ground.ministack, outputsOf('Perennial', printed));
      await stack.proven('website');
      const { version = '' } = await stack.role('website');
      const [target] = await stack.targets('website');
      first = { version, arn: target?.remoteId ?? '' };
      expect(staging.journal.issued).toHaveLength(1);
      expect(ground.acm.certificates().map(({ arn }) => arn)).toEqual([first.arn]);
      const sns = new SNSClient(ground.ministack.client);
      const TopicArn = stack.outputs.TopicArn ?? '';
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      expect(Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: 'operations@perennial.test' }]);
      await expectNothingLeft(ground, stack);
    },
    10 * MINUTES,
  );

  it(
    'sees by the CLI how it stands',
    async () => {
      const [status = '', doctor = ''] = await follow('See how it stands');
      expect(status).toMatch(/^website +perennial\.test \+1 +local-staging .* fine +acm proven$/m);
      expect(doctor).not.toContain('!!');
      expect(doctor).toMatch(/^ok +schedule +sweeps at rate\(15 minutes\)$/m);
      expect(doctor).toMatch(/^No pattern in \d+ attempt\(s\)\.$/m);
    },
    MINUTES,
  );

  it(
    'goes to production on the same ARN',
    async () => {
      await writeConfig(section('Go to production').snippets[0] ?? '');
      await follow('Go to production');
      await stack.until('a certificate of the production CA', async () => production.journal.issued.length === 1);
      await stack.proven('website');
      expect((await stack.role('website')).version).not.toBe(first.version);
      expect(ground.acm.certificates().map(({ arn }) => arn)).toEqual([first.arn]);
      const [Name = ''] = /`(\/perennial\/\S+)`/.exec(section('Go to production').text)?.slice(1) ?? [];
      const { Parameter } = await new SSMClient(ground.ministack.client).send(new GetParameterCommand({ Name }));
      expect(Parameter?.Value).toBe(first.arn);
      await expectNothingLeft(ground, stack);
    },
    10 * MINUTES,
  );

  it(
    'does nothing where nothing has changed',
    async () => {
      const state = await stack.state();
      const runs = await stack.runs();
      const [diff = '', deployed = ''] = await follow('Change and upgrade');
      expect(diff).toContain('There were no differences');
      expect(deployed).toContain('(no changes)');
      expect(await stack.state()).toEqual(state);
      expect(await stack.runs()).toEqual(runs);
    },
    10 * MINUTES,
  );

  it(
    'uninstalls, but for what has been issued',
    async () => {
      const state = await stack.state();
      await follow('Uninstall');
      await expect(stack.sweep()).rejects.toThrow(/does not exist|not found/i);
      expect(await stack.state()).toEqual(state);
      const { KeyId } = Object.values(JSON.parse(stack.outputs.Retained ?? '{}')).find(
        (one): one is { KeyId: string } => typeof one === 'object' && one !== null && 'KeyId' in one,
      ) ?? { KeyId: '' };
      const { KeyMetadata } = await new KMSClient(ground.ministack.client).send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata?.KeyState).toBe('Enabled');
      expect(ground.acm.certificates()).toHaveLength(1);
    },
    10 * MINUTES,
  );

  it(
    'comes back without a new order, and renews with what it has found',
    async () => {
      const { Retained = '', TableName } = stack.outputs;
      const { version } = await stack.role('website');
      const [, printed = ''] = await follow('Come back', (command) => command.replace('<Retained>', Retained));
      stack = new DeployedStack(ground.ministack, outputsOf('Perennial', printed));
      expect(stack.outputs.TableName).toBe(TableName);
      await stack.proven('website');
      expect((await stack.role('website')).version).toBe(version);
      expect(production.journal.issued).toHaveLength(1);

      await stack.renew('website');
      await stack.until('a renewal', async () => (await stack.role('website')).version !== version);
      await stack.proven('website');
      expect(production.journal.issued).toHaveLength(2);
      // The account's key was sealed by the adopted key, and is in the adopted table.
      expect(new Set(production.journal.issued.map(({ account }) => account)).size).toBe(1);
      expectIssuedOnce(staging);
      expectIssuedOnce(production);
      await expectNothingLeft(ground, stack);
    },
    10 * MINUTES,
  );

  it('leaves no command of the page out', () => {
    expect(ran).toEqual(PAGE.flatMap(({ title, commands }) => commands.map((command) => `${title}: ${command}`)));
  });
});
