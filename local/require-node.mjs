// Ends a script with a clear message where it is run by a Node that cannot run TypeScript as it is.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `Perennial needs Node 24, this is ${process.version}. \`npm ci\` brings it (package "node"), unless install scripts are switched off: run \`npm ci --ignore-scripts=false\`, or install Node 24.`,
  );
  process.exit(1);
}
