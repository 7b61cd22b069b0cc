import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { OPTIONS, type Option } from '../../../src/config/options/table.ts';
import { finishWords } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';

const FLAGS = Object.values(OPTIONS).map(({ flag }: Option<unknown>) => `--${flag}`);

/** What is typed, what must be offered, and what must not. `app` is a program on the PATH of these shells. */
const TYPED: readonly (readonly [line: string, offered: readonly string[], not?: readonly string[]])[] = [
  ['k8s-run --', FLAGS],
  ['k8s-run --grac', ['--grace'], ['--ready']],
  ['k8s-run ma', ['manifest'], ['check']],
  ['k8s-run ap', ['app']],
  ['k8s-run --readiness-on-drain ', ['fail', 'keep'], ['--grace']],
  ['k8s-run --log-level e', ['error'], ['info']],
  ['k8s-run --grace 5s --re', ['--ready', '--rewrite']],
  ['k8s-run --interactive --re', ['--ready']],
  ['k8s-run --env-dir fol', ['folder'], ['file.yaml']],
  ['k8s-run --config fil', ['file.yaml']],
  ['k8s-run --grace 5s -- ap', ['app'], ['--grace']],
  ['k8s-run check --for', ['--format'], ['--grace']],
  ['k8s-run check --format s', ['sarif'], ['text']],
  ['k8s-run check fil', ['file.yaml']],
  ['k8s-run manifest --', ['--image', '--replicas', '--grace', '--ready']],
  ['k8s-run manifest --grace 5s ap', ['app'], ['--grace']],
  ['k8s-run probe l', ['live'], ['ready']],
  ['k8s-run completion ', ['bash', 'fish', 'zsh'], ['app']],
];

type Shell = {
  readonly name: 'bash' | 'fish' | 'zsh';
  /** The arguments of a shell that reads lines from stdin and prints, for each, a line `==` and the words that it offers. */
  readonly argumentsFor: (script: string) => readonly string[];
};

/** zsh completes only what is typed, so each line and a Tab are typed into the terminal of another zsh (zpty). */
const ZSH = `
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'PS1=; PS2=; unsetopt zle_bracketed_paste; LISTMAX=10000; autoload -U compinit; compinit -D -u; source "SCRIPT"'
zpty -w inner 'compadd() { local -a found; builtin compadd -O found "$@"; print -l -- "" "<<" $found ">>"; builtin compadd "$@" }'
zpty -w inner 'print RE""ADY'
zpty -r inner text '*READY*'
while IFS= read -r line; do
  zpty -w -n inner "$line"$'\t'
  zpty -w -n inner $'C-a#\nprint DO""NE\n'
  zpty -r inner text '*DONE*'
  print -- '=='
  print -r -- "$text" | tr -d '\r' | sed -n '/^<<$/,/^>>$/p' | grep -v -e '^<<$' -e '^>>$'
done
zpty -d inner
`;

const SHELLS: readonly Shell[] = [
  {
    name: 'bash',
    argumentsFor: (script) => [
      '--norc',
      '-c',
      `source "${script}"; while IFS= read -r line; do COMP_LINE=$line COMP_POINT=\${#line}; COMPREPLY=(); _k8s_run; echo ==; printf '%s\\n' "\${COMPREPLY[@]}"; done`,
    ],
  },
  {
    name: 'fish',
    argumentsFor: (script) => [
      '--no-config',
      '-c',
      `source "${script}"; while read -l line; echo ==; complete -C "$line" | string replace -r '\t.*' ''; end`,
    ],
  },
  { name: 'zsh', argumentsFor: (script) => ['-f', '-c', ZSH.replace('SCRIPT', script)] },
];

for (const { name, argumentsFor } of SHELLS) {
  describe(`completion for ${name}`, { skip: needs(name) }, () => {
    let outputs: readonly string[] = [];
    // One shell completes all lines, because zsh takes as long to load its completions as to complete them all.
    before(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'completion-'));
      try {
        const script = join(folder, '.script');
        const { stdout, code, stderr } = await finishWords(['completion', name]);
        assert.deepEqual([code, stderr], [0, '']);
        await writeFile(script, stdout);
        await writeFile(join(folder, 'file.yaml'), '');
        await mkdir(join(folder, 'folder'));
        await writeFile(join(folder, 'app'), '#!/bin/sh\n', { mode: 0o755 });
        const env = { HOME: folder, PATH: `${folder}:${process.env['PATH']}`, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
        const input = TYPED.map(([line]) => `${line}\n`).join('');
        const run = spawnSync(name, argumentsFor(script), {
          cwd: folder,
          env,
          input,
          encoding: 'utf8',
          timeout: 60_000,
        });
        outputs = run.stdout.split(/^==$/m).slice(1);
        assert.equal(outputs.length, TYPED.length, run.stdout + run.stderr);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    for (const [index, [line, offered, not = []]] of TYPED.entries()) {
      test(`${name} completes: ${line}▏`, () => {
        const output = outputs[index] ?? '';
        // Some shells add a slash to a folder.
        const words = output.split('\n').map((word) => word.trim().replace(/\/$/, ''));
        for (const word of offered) assert.ok(words.includes(word), `${word} in ${output}`);
        for (const word of not) assert.ok(!words.includes(word), `${word} not in ${output}`);
      });
    }
  });
}

test('the completion script of each shell has every command and every option', async () => {
  for (const { name } of SHELLS) {
    const { stdout } = await finishWords(['completion', name]);
    for (const word of Object.keys(COMMANDS)) assert.ok(stdout.includes(word), `${word} for ${name}`);
    for (const flag of FLAGS)
      assert.ok(stdout.includes(name === 'fish' ? `-l ${flag.slice(2)}` : flag), `${flag} for ${name}`);
  }
});

test('the help of each command lists the options that are completed', async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { options = [] } = await load();
    const { stdout } = await finishWords([name, '--help']);
    for (const { flags } of options) assert.ok(stdout.includes(`  ${flags}`), `${flags} of ${name}`);
  }
});

test('completion for an unknown shell is a mistake that lists the known ones', async () => {
  for (const words of [[], ['tcsh'], ['constructor']]) {
    const run = await finishWords(['completion', ...words]);
    assert.deepEqual([run.code, run.stdout], [64, '']);
    assert.match(run.stderr, /write one of bash, zsh, fish/);
  }
});
