// Called by the install script of npm's package `node`, in its folder, on whatever node there is. README.md says why.
const { spawnSync } = require('node:child_process');
const { linkSync, mkdirSync, rmSync } = require('node:fs');
const { dirname, join, resolve } = require('node:path');
const { cannotRun } = require('./cannot-run.js');

/** `find` resolves a path as the package `node` does. */
module.exports = function installBinary(version, find) {
  const { platform, arch, env, execPath } = process;
  const name = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
  // As one that depends on it, whatever the npm that calls us was told.
  const environment = { ...env, npm_config_global: 'false' };
  const words = [env.npm_execpath, 'install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`];
  const { status } = spawnSync(execPath, words, { env: environment, stdio: 'inherit' });
  if (status !== 0) fail(`cannot install ${name} ${version}: npm exited with ${status}`);
  const file = find.resolve(`${name}/package.json`);
  const binary = join('bin', 'node');
  mkdirSync('bin', { recursive: true });
  rmSync(binary, { force: true });
  linkSync(join(dirname(file), require(file).bin.node), binary);
  const reason = cannotRun(resolve(binary));
  if (reason !== null) fail(`${reason}; then run npm ci again`);
};

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
