import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The version of AWS's own DynamoDB Local that the store is checked with. */
export const DYNAMODB_LOCAL_VERSION = '2.6.1';

/** DynamoDB Local 2 is compiled for it. */
const JAVA_VERSION = 17;
const MAIN_JAR = `DynamoDBLocal-${DYNAMODB_LOCAL_VERSION}.jar`;
/** A first installation loads about 50 MB. */
const INSTALL_DEADLINE_MS = 300_000;

const run = promisify(execFile);

/** Thrown when DynamoDB Local cannot be had; the message says how to get it. */
export class DynamoDbLocalMissingError extends Error {
  override readonly name = 'DynamoDbLocalMissingError';
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>perennial</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>${DYNAMODB_LOCAL_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** Where the jars are kept: outside the tree, once for all working copies. */
function jarsFolder(env: NodeJS.ProcessEnv): string {
  const cache = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'perennial', `dynamodb-local-${DYNAMODB_LOCAL_VERSION}`);
}

async function holdsJars(folder: string): Promise<boolean> {
  return (await readdir(folder).catch((): string[] => [])).includes(MAIN_JAR);
}

async function requireJava(): Promise<void> {
  const answer = await run('java', ['-version']).catch(() => undefined);
  const major = Number(/version "(\d+)/.exec(answer?.stderr ?? '')?.[1] ?? 0);
  if (major >= JAVA_VERSION) return;
  const found = major === 0 ? 'none was found' : `the one on PATH is ${major}`;
  throw new DynamoDbLocalMissingError(
    `DynamoDB Local needs Java ${JAVA_VERSION} or later on PATH, and ${found}: install a JRE.`,
  );
}

/** Loaded aside and renamed into place when whole; of two that install at once, the second drops its own. */
async function install(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}.new-`);
  try {
    await writeFile(join(aside, 'pom.xml'), POM);
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'];
    await run('mvn', ['-q', '-B', ...goal], { cwd: aside, timeout: INSTALL_DEADLINE_MS });
    await rename(join(aside, 'jars'), folder).catch((error: unknown) => rethrowUnless(holdsJars(folder), error));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function rethrowUnless(condition: Promise<boolean>, error: unknown): Promise<void> {
  if (!(await condition)) throw error;
}

/**
 * The folder that holds DynamoDB Local's jars and native libraries: the cache (`$XDG_CACHE_HOME/perennial`), which Maven
 * fills from its central repository if it is empty.
 * @throws DynamoDbLocalMissingError without Java 17, or when the jars are not there and Maven cannot load them.
 */
export async function findDynamoDbLocal(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  await requireJava();
  const folder = jarsFolder(env);
  if (await holdsJars(folder)) return folder;
  await install(folder).catch((cause: unknown) => {
    const message = `DynamoDB Local ${DYNAMODB_LOCAL_VERSION} is not in ${folder}, and Maven could not load it. Install Maven (mvn) and let it reach Maven Central.`;
    throw new DynamoDbLocalMissingError(message, { cause });
  });
  return folder;
}
