// Says what this machine lacks for a script of package.json, before anything fails for want of it: preflight.js test.
// Plain old JavaScript, run by npm's own node: the `node` that npm ci installs may be what cannot run here.
import { spawnSync } from 'node:child_process';
import { cannotRun } from './node-bin-setup/cannot-run.js';
import { missingFor, packagesOf, remedyFor } from './programs.js';

const LEAST_NODE = 24;
/** Without their programs these go on, and skip tests: test/rig/needs.ts. */
const SKIPPING = ['test', 'test:containers', 'test:bundle', 'test:install', 'test:release'];

const [script = '', ...words] = process.argv.slice(2);
const name = `npm ${script === 'test' ? '' : 'run '}${script}`;
const missing = missingFor(script);

// For .ci/run and the workflows: the packages that these scripts need (all scripts, if none is named), as words for apt-get.
if (script === 'packages') process.stdout.write(`${packagesOf(missingFor(...words)).join(' ')}\n`);
else if (words[0] === 'skipped') saySkipped();
else {
  const skips = SKIPPING.includes(script) && process.env.K8S_RUN_TEST_DEMAND_ALL !== '1';
  const faults = [
    ...nodeFaults(),
    ...(script.startsWith('test') ? systemFaults() : []),
    ...(skips ? [] : programFaults()),
  ];
  for (const fault of faults) process.stderr.write(`cannot ${name}: ${fault}\n`);
  if (faults.length > 0) process.exit(1);
  if (skips) saySkipped();
}

/** Of the `node` that is first on the PATH, which is npm's where it was installed. */
function nodeFaults() {
  const reason = cannotRun('node');
  if (reason !== null) return [reason];
  const version = spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (Number.parseInt(version.slice(1), 10) >= LEAST_NODE) return [];
  return [`this takes Node ${LEAST_NODE} or newer, and node is ${version}: npm ci installs Node 26 beside it`];
}

function systemFaults() {
  return process.platform === 'linux' ? [] : ['the tests read /proc; run them on Linux'];
}

function programFaults() {
  return missing.length === 0 ? [] : [`${missing.join(', ')} not installed; ${remedyFor(missing)}`];
}

function saySkipped() {
  if (missing.length === 0) return;
  process.stderr.write(
    `${name} skips the tests that need ${missing.join(', ')}; to run them too: ${remedyFor(missing)}\n`,
  );
}
