import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Answer, type Machine, noMachine, startMachine } from '../rig/machine.ts';
import { needs, needsThat } from '../rig/needs.ts';
import { nodes } from '../rig/other-nodes.ts';
import { npms } from '../rig/other-npms.ts';
import { linesOf, readBlocks } from '../system/pages/written/blocks.ts';
import { type Layers, makeLayers, networkVariables } from './layers.ts';
import { canBeMade, DEBIAN, makeRoot, UBUNTU } from './roots.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const ARCHIVE = `./k8s-run-${version}.tgz`;
const STRANGER = 1_000;
const WHO = { root: 0, 'a user': STRANGER } as const;
type Who = keyof typeof WHO;

/** Of each Node the one that is named, and the npm that came with it, or one that people put in its place. */
const PAIRS = [
  { node: 20, npm: 10 },
  { node: 22, npm: 10 },
  { node: 24, npm: 11 },
  { node: 26, npm: 12 },
] as const;
const LEAST_NODE = 24;
/** The last npm that puts manuals where man(1) finds them. */
const LAST_WITH_MANUALS = 11;

const nodeOf = (major: number): string | undefined =>
  nodes().find(({ name }) => name.startsWith(`Node v${major}.`))?.path;
const npmOf = (major: number): string | undefined =>
  npms().find(({ name, words }) => name.startsWith(`npm ${major}.`) && words.length === 2)?.words[1];

const missing = PAIRS.flatMap(({ node, npm }) => [
  ...(nodeOf(node) === undefined ? [`Node ${node}`] : []),
  ...(npmOf(npm) === undefined ? [`npm ${npm}`] : []),
]);
const skip =
  noMachine ||
  needs('debootstrap') ||
  needsThat(
    missing.length === 0,
    `${missing.join(', ')} not named`,
    'K8S_RUN_TEST_NODES and K8S_RUN_TEST_NPMS name them, as in .ci/run',
  );

for (const recipe of [DEBIAN, UBUNTU]) {
  const unreachable = skip || ((await canBeMade(recipe)) ? false : `${recipe.mirror} cannot be reached`);
  describe(`a minimal ${recipe.name}`, { skip: unreachable, concurrency: 2 }, () => {
    let [root, layers]: [string, Layers | null] = ['', null];
    before(() => {
      root = makeRoot(recipe);
      layers = makeLayers();
    });
    after(() => layers?.[Symbol.dispose]());

    const start = ({ node, npm }: (typeof PAIRS)[number], who: Who, layer: 'clone' | 'archive'): Promise<Machine> => {
      assert.ok(layers !== null);
      return startMachine({
        lower: root,
        layers: [layers.npm(npmOf(npm) ?? ''), layer === 'clone' ? layers.clone(WHO[who]) : layers.archive],
        node: nodeOf(node) ?? '',
        user: WHO[who],
        variables: networkVariables(),
        online: true,
      });
    };

    for (const [index, pair] of PAIRS.entries()) {
      for (const who of ['root', 'a user'] as const) {
        const title = `${who} with Node ${pair.node} and npm ${pair.npm}`;
        test(`${title}: the package is installed, and runs or says which Node it needs`, {
          timeout: 600_000,
        }, async () => {
          await using machine = await start(pair, who, 'archive');
          await installs(machine, pair, who);
        });
        // Each Node and each user on each distribution, but not each of each: a minute of network and rehearsal.
        if ((index % 2 === 0) !== (recipe === DEBIAN) || index < 2 !== (who === 'root')) continue;
        test(`${title}: the commands of the README and the tutorial`, { timeout: 600_000 }, async () => {
          await using machine = await start(pair, who, 'clone');
          await isFirstMinute(machine, pair.node, who);
        });
      }
    }

    test('without libatomic1 npm ci and the command say what to install', { timeout: 600_000 }, async () => {
      const hide = 'rm /usr/lib/*/libatomic.so.1*; ';
      await using machine = await start(PAIRS[0], 'root', 'clone');
      const run = await machine.run(`${hide} cd k8s-run && npm ci`);
      assert.equal(run.code, 1, run.said);
      assert.match(
        run.said,
        /cannot run npm's Node: libatomic\.so\.1 is missing; on Debian or Ubuntu: apt-get install libatomic1; then run npm ci again$/m,
      );
      const demo = await machine.run('cd k8s-run && npm run demo');
      assert.match(demo.said, /^cannot npm run demo: .*npm ci/m);
      await using other = await start(PAIRS[3], 'root', 'archive');
      const denied = await other.run(`${hide} node --version`);
      assert.equal(denied.code, 127);
      assert.match(denied.said, /error while loading shared libraries: libatomic\.so\.1/);
    });
  });
}

/** What npm says but for what is no fault: funding, a newer npm, and an engine where the Node is too old. */
function isQuiet({ said }: Answer, isOld: boolean): void {
  const warnings = said.split('\n').filter((line) => /^npm (warn|error)/i.test(line));
  assert.deepEqual(
    warnings.filter((line) => !(isOld && line.includes('EBADENGINE'))),
    [],
    said,
  );
}

async function isFirstMinute(machine: Machine, node: number, who: Who): Promise<void> {
  const lines = readBlocks('README.md').flatMap(linesOf);
  const type = async (start: string, before = ''): Promise<Answer> => {
    const line = lines.find((each) => each.startsWith(start));
    assert.ok(line !== undefined, start);
    const run = await machine.run(`cd k8s-run\n${before}${line}`);
    assert.equal(run.code, 0, run.said);
    isQuiet(run, false);
    return run;
  };
  assert.match((await type('npm ci && npm pack')).out, new RegExp(`^${ARCHIVE.slice(2)}$`, 'm'));
  assert.match((await type('npm ci && npm run demo')).out, /^\d+ requests lost without k8s-run, 0 with it\.$/m);
  const tutorial = readBlocks('docs/tutorial.md').flatMap(linesOf);
  const settings = tutorial.filter((line) => /^(export PATH|alias k8s-run)=/.test(line));
  assert.equal(settings.length, 2);
  const typed = ['cd k8s-run; shopt -s expand_aliases', ...settings, 'k8s-run --version'].join('\n');
  assert.deepEqual(await machine.run(typed), { code: 0, out: `${version}\n`, said: `${version}\n` });
  const install = lines.find((line) => line.startsWith('npm install --global'));
  const { code, said } = await machine.run(`cd k8s-run && ${install} && k8s-run --version`);
  if (who !== 'root') assert.match(said, /EACCES/);
  else assert.equal(code, node < LEAST_NODE ? 78 : 0, said);
}

async function installs(machine: Machine, { node, npm }: (typeof PAIRS)[number], who: Who): Promise<void> {
  const isOld = node < LEAST_NODE;
  const prefix = who === 'root' ? '' : '--prefix ~/.local';
  const page = readBlocks('docs/how-to/install.md').flatMap(linesOf);
  const own = page.find((line) => line.startsWith('npm install --global --prefix'));
  assert.ok(own !== undefined);
  const run = await machine.run(who === 'root' ? `npm install --global ${ARCHIVE}` : own);
  assert.equal(run.code, 0, run.said);
  isQuiet(run, isOld);
  const path = 'PATH=~/.local/bin:$PATH\n';
  const typed = (line: string): Promise<Answer> => machine.run(`${path}${line}`);
  const man = await typed('man k8s-run');
  if (npm <= LAST_WITH_MANUALS) assert.match(man.out, /--shutdown-delay/, man.said);
  else assert.match(man.said, /No manual entry/);
  const [line = ''] = page.filter((each) => each.startsWith('man "'));
  assert.match((await typed(line.replace('--global', `--global ${prefix}`))).out, /--shutdown-delay/);
  const { code, said } = await typed('k8s-run --version');
  if (isOld) {
    assert.match(`${code} ${said}`, /^78 k8s-run: cannot run on Node [\d.]+; it needs Node 24 or newer\n$/);
    return;
  }
  assert.deepEqual([code, said], [0, `${version}\n`]);
  const bash = await typed('source <(k8s-run completion bash)\ncomplete -p k8s-run');
  assert.deepEqual(bash, { code: 0, out: 'complete -F _k8s_run k8s-run\n', said: 'complete -F _k8s_run k8s-run\n' });
  await endsAsAsked(machine, path);
}

/** At a terminal by Ctrl-C, and in a container's way by SIGTERM: what listens is served for the delay, and its code is kept. */
async function endsAsAsked(machine: Machine, path: string): Promise<void> {
  const app = `node -e "process.on('SIGTERM', () => process.exit(5)).on('SIGINT', () => process.exit(6)); setInterval(() => {}, 1000); console.log('up')"`;
  const terminal = machine.open(`${path} k8s-run --health-port 0 -- ${app}`);
  await terminal.shows(/^up$/m);
  terminal.press('\x03');
  assert.equal(await terminal.ended(), 6, terminal.shown());
  const script = `${path}k8s-run --health-port 0 -- ${app} >out 2>log & until grep -q up out; do sleep 0.1; done; kill $!; wait $!`;
  const { code, said } = await machine.run(script);
  assert.equal(code, 5, `${said}${(await machine.run('cat log')).out}`);
}
