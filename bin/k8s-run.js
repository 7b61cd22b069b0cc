#!/usr/bin/env node
// CommonJS, by the package.json beside it: the shorter way to the first line that catches signals. Every Node from 8 on must be
// able to compile and begin it, to say that it is too old: `node:` before the name of a module, or a catch without a name, would
// end it in a stack.
// biome-ignore lint/style/useNodejsImportProtocol: Node 12 knows no `node:`.
const { accessSync, constants, readFileSync, readdirSync, write, writeSync } = require('fs');

/** sysexits(3): EX_SOFTWARE, EX_CONFIG. */
const EXIT_SOFTWARE = 70;
const EXIT_CONFIG = 78;
const STDERR = 2;

if (Number.parseInt(process.versions.node, 10) < 24) {
  writeSync(STDERR, `k8s-run: cannot run on Node ${process.versions.node}; it needs Node 24 or newer\n`);
  process.exit(EXIT_CONFIG);
}
try {
  // The kubelet runs it every few seconds, so it loads only what a probe needs, and not the supervisor.
  if (process.argv[2] === 'probe') probe();
  else supervise();
} catch (error) {
  fail(error);
}

function probe() {
  const { run } = load('./later/cli-probe.js');
  run({ words: process.argv.slice(3), environment: process.env }).then((code) => process.exit(code), fail);
}

/**
 * Runs main.js with the code that V8 made of it when it was built, so that nothing is compiled on the way to the app. V8 itself
 * refuses a cache that is not for this very source, build of Node and set of flags, and compiles then.
 */
function supervise() {
  const { Script } = require('node:vm');
  const filename = `${__dirname}/../dist/main.js`;
  const script = new Script(source(filename), { filename, cachedData: cached(`${__dirname}/../dist/main.cache`) });
  const { parts, main } = script.runInThisContext();
  checkForAll(parts);
  main((name) => (name.startsWith('./') ? load(name) : require(name)));
}

/** A part that is missing is found now, and not when it is needed: for the log that would be in silence. */
function checkForAll(parts) {
  const present = new Set(files('later'));
  for (const part of parts) if (!present.has(part)) throw notFound(`later/${part}`);
}

function files(folder) {
  try {
    return readdirSync(`${__dirname}/../dist/${folder}`);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw explained(folder, error);
  }
}

function source(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw explained('main.js', error);
  }
}

function cached(file) {
  try {
    return readFileSync(file);
  } catch (_) {
    return undefined;
  }
}

/** A part that is read when it is needed. Its fault is said by the log, except that of a part of the log. */
function load(part) {
  try {
    return require(`../dist/${part}`);
  } catch (error) {
    const reason = explained(part.slice(2), error);
    if (part.startsWith('./later/log-')) sayOnce(`k8s-run: internal error: ${reason.message}; nothing is logged\n`);
    throw reason;
  }
}

let isSaid = false;

/** Not waited for, because a stderr that nobody reads must not hold up the signals. */
function sayOnce(text) {
  if (!isSaid) write(STDERR, text, () => {});
  isSaid = true;
}

function explained(part, error) {
  if (isDenied(part, error)) return denied(part);
  return error.code === 'MODULE_NOT_FOUND' || error.code === 'ENOENT' ? notFound(part) : error;
}

/** In a folder that this user may not read, Node says that there is no such module. */
function isDenied(part, { code }) {
  if (code === 'EACCES') return true;
  try {
    accessSync(`${__dirname}/../dist/${part}`, constants.R_OK);
    return false;
  } catch (error) {
    return error.code === 'EACCES';
  }
}

/** As with an install by root under the umask 077. */
function denied(part) {
  const reason = `cannot read dist/${part}: permission denied for the user ${process.getuid()}`;
  const remedy = 'let all users read the package: chmod -R go+rX, or install it under the umask 022';
  return Object.assign(new Error(`${reason}; ${remedy}`), { isDenied: true });
}

function notFound(part) {
  return new Error(`cannot load dist/${part}: no such file; install or build k8s-run again`);
}

function fail(error) {
  writeSync(STDERR, `k8s-run: ${error.isDenied ? '' : 'internal error: '}${error.message}\n`);
  process.exit(EXIT_SOFTWARE);
}
