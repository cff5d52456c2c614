import { GetExecutionHistoryCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateInput, PerennialConfig } from '../../infra/config/schema.ts';
import { roleKey, slotKey } from '../../lambdas/core/rows.ts';
import { executionNameOf } from '../../lambdas/store/claim.ts';
import { findPython } from '../../local/peers/python.ts';
import type { DeployedStack } from './support/deployed-stack.ts';
import { type DeployedWorld, startWorld } from './support/deployed-world.ts';
import { holdOrders } from './support/held-orders.ts';
import { expectIssuedOnce, expectNothingLeft } from './support/oracles.ts';
import { CommandFailed, outputsOf } from './support/person.ts';

const MINUTES = 60_000;
/** Its root's access key is its id. */
const ANOTHER_ACCOUNT = '111111111111';
const WEBSITE = ['perennial.test', '*.perennial.test'] as const;

describe.runIf((await findPython()) !== undefined)(
  'stacks in an account, their deployments and their accidents',
  () => {
    let world: DeployedWorld;
    let main: DeployedStack;
    let other: DeployedStack;
    let killed: Promise<void>;
    let stoppedSeq = 0;

    beforeAll(async () => {
      world = await startWorld({ otherAccounts: [ANOTHER_ACCOUNT] });
    }, 10 * MINUTES);

    afterAll(async () => {
      await world?.stop();
    }, MINUTES);

    function orders(domain: string): number {
      return world.ca.control.orders().filter(({ names }) => names.includes(domain)).length;
    }

    function issued(domain: string): number {
      return world.ca.journal.issued.filter(({ names }) => names.includes(domain)).length;
    }

    /** What the owner of another account sets up there: a zone, and a role for whoever names the external id. */
    async function zoneElsewhere() {
      const deploy = `npx cdk deploy --app "node test/deployed/fixtures/zone-account.ts"`;
      const environment = { AWS_ACCESS_KEY_ID: ANOTHER_ACCOUNT, ZONE: 'far.test', TRUSTED_ACCOUNT: '000000000000' };
      const printed = await world.person('Zone').types(deploy, { ...environment, EXTERNAL_ID: 'ours' });
      const { ZoneId: hostedZoneId = '', RoleArn: roleArn = '' } = outputsOf('ZoneAccount', printed);
      return { name: 'far.test', hostedZoneId, roleArn, externalId: 'ours' };
    }

    async function deployOther(zone: Awaited<ReturnType<typeof zoneElsewhere>>): Promise<DeployedStack> {
      const certificates = [world.certificate('website', 'other.far.test')];
      return world.deploy('Other', { certificates, dns: { ...dnsWith(1), zones: [zone] } });
    }

    async function waitsForCa(stack: DeployedStack, executionArn: string): Promise<void> {
      await stack.until(`${executionArn} waits for the CA`, async () => {
        const command = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 });
        const { events = [] } = await stack.sfn.send(command);
        return events[0]?.type === 'WaitStateEntered';
      });
    }

    async function ends(stack: DeployedStack, executionArn: string): Promise<string> {
      return stack.until(`${executionArn} ends`, async () => {
        await stack.watch.look();
        return stack.watch.ended.find(({ arn }) => arn === executionArn)?.status;
      });
    }

    /** The claims of a certificate that were started, by the names of their executions. */
    async function renewalsOf(name: string): Promise<number[]> {
      const names = (await main.runs()).filter(({ machine }) => machine === 'renewal').map((run) => run.name);
      const claims = names.map((found) => Number.parseInt(found, 10));
      return claims.filter((startSeq) => names.includes(executionNameOf(roleKey(name), startSeq)));
    }

    function executionOf(name: string, startSeq: number): string {
      const stateMachine = main.machines.renewal.replace(':stateMachine:', ':execution:');
      return `${stateMachine}:${executionNameOf(roleKey(name), startSeq)}`;
    }

    async function arnOf(stack: DeployedStack, name: string): Promise<string | undefined> {
      return (await stack.targets(name))[0]?.remoteId;
    }

    /** Of the first deployment's certificates one has another name, one has one more domain, one is gone, and there is a new one. */
    function changed(): CertificateInput[] {
      return [
        world.certificate('website', ...WEBSITE),
        world.certificate('api', 'api.garden.test', 'www.api.garden.test'),
        world.certificate('blog', 'blog.garden.test'),
        world.certificate('manual', 'docs.garden.test'),
      ];
    }

    /** Told to the Lambdas by their environment: with another count of resolvers each gets a new version. */
    function dnsWith(resolvers: number): PerennialConfig['dns'] {
      const { dnsServer } = world.ground;
      return { nameServers: { '*': dnsServer }, resolvers: Array.from({ length: resolvers }, () => dnsServer) };
    }

    /** The function versions that an execution has called, by function. */
    function versionsCalled(executionArn: string): Record<string, string> {
      const calls = world.ground.ministack.invocations().filter(({ execution }) => execution === executionArn);
      return Object.fromEntries(calls.map((call) => [call.function, call.version]));
    }

    it(
      'two of them have a certificate of the same name, each its own; the zone of one is in another account',
      async () => {
        await world.person('Main').types('npx cdk bootstrap');
        const certificates = [
          world.certificate('website', ...WEBSITE),
          world.certificate('api', 'api.garden.test'),
          world.certificate('shop', 'shop.garden.test'),
          world.certificate('docs', 'docs.garden.test'),
        ];
        [main, other] = await Promise.all([world.deploy('Main', { certificates }), zoneElsewhere().then(deployOther)]);
        await Promise.all([main.proven('website', 'api', 'shop', 'docs'), other.proven('website')]);
        expect(await arnOf(main, 'website')).not.toBe(await arnOf(other, 'website'));
        expect(world.ground.acm.certificates()).toHaveLength(5);
        expect(world.ca.control.orders()).toHaveLength(5);
        expect(new Set(world.ca.journal.issued.map(({ account }) => account)).size).toBe(2);
        expect((await other.rows()).filter(({ sk }) => sk === 'CERT')).toHaveLength(1);
        await expectNothingLeft(world.ground, main, other);
      },
      10 * MINUTES,
    );

    it(
      'an execution stopped by hand is recorded by the status rule, and the same sweep twice starts one run',
      async () => {
        killed = killInMidCall('shop', 'shop.garden.test');
        // Judged by a later test, which awaits it.
        killed.catch(() => undefined);
        // Judged by a later test, which awaits it.
        killed.catch(() => undefined);
        const held = holdOrders(world.ca, 'api.garden.test');
        const stopped = await main.renew('api');
        await waitsForCa(main, stopped);
        await main.sfn.send(new StopExecutionCommand({ executionArn: stopped }));
        const role = await main.until('the failure', async () => {
          const found = await main.role('api');
          return found.failedSeq === found.startSeq && found;
        });
        expect(role.failure).toMatchObject({ class: 'transient', code: 'Execution.ABORTED' });
        const slotPk = slotKey(world.ca.directoryUrl, ['api.garden.test']).pk;
        await main.until('the slot is free', async () => {
          const slot = (await main.slots()).find(({ pk }) => pk === slotPk);
          return slot?.owner === undefined;
        });
        held.letGo();
        await main.until('its next try', async () => ((await main.role('api')).dueAt ?? 0) <= Date.now());
        await Promise.all([main.sweep(), main.sweep()]);
        stoppedSeq = role.startSeq;
        const next = await main.until('its run', async () => {
          const claims = (await renewalsOf('api')).filter((startSeq) => startSeq > stoppedSeq);
          return claims.length > 0 && claims;
        });
        expect(next).toEqual([(await main.role('api')).doneSeq]);
        expect(orders('api.garden.test')).toBe(2);
        expect(issued('api.garden.test')).toBe(2);
      },
      10 * MINUTES,
    );

    /** Withholds the answer to the first write after the CA has issued, until the Lambda's minute is over. */
    async function killInMidCall(name: string, domain: string): Promise<void> {
      const mine = [roleKey(name).pk, slotKey(world.ca.directoryUrl, [domain]).pk];
      const trap = world.dynamoDb.withholdNext(
        (operation, body) =>
          /^(Put|Update)Item$/.test(operation) && issued(domain) === 2 && mine.some((pk) => body.includes(pk)),
      );
      const run = await main.renew(name);
      expect(await ends(main, run)).toBe('FAILED');
      expect(trap.withheld()).toBe(true);
      expect(main.watch.ended.find(({ arn }) => arn === run)?.failure).toMatch(/timed out/i);
      await main.until(`${name} again`, async () => (await main.role(name)).tries === 0);
    }

    it(
      'a stack that is destroyed leaves the other alone',
      async () => {
        const website = async () => (await main.state()).filter(({ pk }) => pk === 'CERT#website');
        const rows = await website();
        await world.person('Other').types('npx cdk destroy -c stack=Other');
        expect((await other.rows()).length).toBeGreaterThan(0);
        expect(await website()).toEqual(rows);
        expect(await arnOf(main, 'website')).toBeDefined();
      },
      10 * MINUTES,
    );

    it(
      'a Lambda killed in mid-call by its timeout costs no certificate and no order',
      async () => {
        await killed;
        await main.proven('shop', 'api');
        // What both sweeps led to is all that came after the run that was stopped.
        const later = (await renewalsOf('api')).filter((startSeq) => startSeq > stoppedSeq);
        expect(later).toEqual([(await main.role('api')).doneSeq]);
        expect(orders('shop.garden.test')).toBe(2);
        expect(issued('shop.garden.test')).toBe(2);
        expectIssuedOnce(world.ca);
        await expectNothingLeft(world.ground, main);
      },
      10 * MINUTES,
    );

    it(
      'a renewal that waits for the CA ends on its own versions while certificates are added, changed, renamed and removed',
      async () => {
        const held = holdOrders(world.ca, WEBSITE[0]);
        const before = await main.renew('website');
        await waitsForCa(main, before);
        const [api, docs] = await Promise.all([arnOf(main, 'api'), arnOf(main, 'docs')]);
        await world.deploy('Main', { certificates: changed(), dns: dnsWith(2) });
        held.letGo();
        expect(await ends(main, before)).toBe('SUCCEEDED');
        await main.proven('website', 'api', 'blog', 'manual');
        expect(await arnOf(main, 'api')).toBe(api);
        expect(await arnOf(main, 'manual')).toBe(docs);
        expect([orders('www.api.garden.test'), orders('blog.garden.test'), orders('docs.garden.test')]).toEqual([
          1, 1, 1,
        ]);
        expect((await main.role('shop')).dueAt).toBeUndefined();
        expect(world.ground.acm.certificates().map(({ domains }) => domains[0])).toContain('shop.garden.test');

        const after = await main.renew('website');
        expect(await ends(main, after)).toBe('SUCCEEDED');
        await main.proven('website');
        expect(Object.keys(versionsCalled(before))).toHaveLength(3);
        for (const [name, version] of Object.entries(versionsCalled(before))) {
          expect(versionsCalled(after)[name], name).not.toBe(version);
        }
        expect(issued(WEBSITE[0])).toBe(3);
        expectIssuedOnce(world.ca);
        await expectNothingLeft(world.ground, main);
      },
      10 * MINUTES,
    );

    it(
      'a deployment that fails says why and is rolled back, and renewals go on as they were',
      async () => {
        const state = await main.state();
        const last = (await main.role('website')).startSeq;
        const certificates = changed().filter(({ name }) => name === 'website');
        const failed: unknown = await world
          .deploy('Main', { certificates, dns: dnsWith(3) })
          .catch((error: unknown) => error);
        expect(failed).toBeInstanceOf(CommandFailed);
        const output = failed instanceof CommandFailed ? failed.output : '';
        expect(output).toContain('3 of 4 certificates are no longer in the configuration');
        expect(output).toContain('api, blog, manual. Nothing was changed.');
        expect(output).toMatch(/UPDATE_ROLLBACK_IN_PROG/);
        expect(await main.state()).toEqual(state);

        const after = await main.renew('website');
        expect(await ends(main, after)).toBe('SUCCEEDED');
        await main.proven('website');
        expect(versionsCalled(after)).toEqual(versionsCalled(executionOf('website', last)));
        expect(issued(WEBSITE[0])).toBe(4);
        expectIssuedOnce(world.ca);
        await expectNothingLeft(world.ground, main);
      },
      10 * MINUTES,
    );
  },
);
