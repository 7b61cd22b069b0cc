// Says what this machine lacks for `npm test`, `npm run demo`, `npm run bench` or `npm run build:bundle`, before anything fails for want of it.
// Plain old JavaScript: it must run on whatever node there is.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const purpose = process.argv[2] ?? 'test';
const missing = [];

if (Number(process.versions.node.split('.')[0]) < 24) {
  missing.push(`node >= 24 (this is ${process.version}): run it through npm, after \`npm ci\`, which brings one`);
}
if (process.platform !== 'linux') missing.push('Linux: the tests read /proc');

const needed = {
  test: {
    bash: 'bash',
    python3: 'python3',
    nginx: 'nginx-light',
    tmux: 'tmux',
    setpriv: 'util-linux',
    unshare: 'util-linux',
    nsenter: 'util-linux',
  },
  'build:bundle': {
    gcc: 'gcc',
    objcopy: 'binutils',
    patchelf: 'patchelf',
    'dpkg-query': 'dpkg: the libraries are Debian’s; build in a container of it',
  },
  demo: {},
  bench: { bash: 'bash' },
  'bench:rollout': { tini: 'tini' },
};
for (const [program, debian] of Object.entries(needed[purpose] ?? {})) {
  if (!isInstalled(program)) missing.push(`${program} (Debian: apt-get install ${debian})`);
}

if (missing.length > 0) {
  process.stderr.write(`Missing for \`npm ${purpose === 'test' ? '' : 'run '}${purpose}\`:\n`);
  for (const each of missing) process.stderr.write(`  - ${each}\n`);
  process.exit(1);
}

function isInstalled(program) {
  return `${process.env.PATH}${delimiter}/usr/sbin`.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
