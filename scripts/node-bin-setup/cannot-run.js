// CommonJS, on whatever node there is.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');

/** The package of Debian and Ubuntu that has the library. */
const LIBRARIES = { 'libatomic.so.1': 'libatomic1', 'libstdc++.so.6': 'libstdc++6', 'libgcc_s.so.1': 'libgcc-s1' };

/** null, or why this binary of Node does not run here, and what to do. */
exports.cannotRun = function cannotRun(binary) {
  const { status, stderr, error } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (status === 0) return null;
  const library = /([\w+.-]+\.so[\d.]*): cannot open shared object/.exec(stderr ?? '')?.[1];
  if (library !== undefined) return `cannot run npm's Node: ${library} is missing; ${remedyFor(library)}`;
  // Its loader is missing.
  if (existsSync(binary) && error?.code === 'ENOENT')
    return "cannot run npm's Node: this Linux has no glibc; work in a container of Debian or Ubuntu";
  return `cannot run npm's Node: ${(stderr || error?.message || `exit code ${status}`).trim().split('\n')[0]}`;
};

function remedyFor(library) {
  const name = LIBRARIES[library];
  return name === undefined ? 'install the package that has it' : `on Debian or Ubuntu: apt-get install ${name}`;
}
