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

/** What is typed, and what must, and must not, be offered. `app` is a program on the PATH of these shells. */
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
  /** Reads lines from stdin; prints, for each, a line `==`, and what is offered, one word a line. */
  readonly ask: (script: string) => readonly string[];
};

/** zsh completes only what is typed: so each line is, into a terminal of a zsh of its own (zpty), followed by Tab. */
const ZSH = `
zmodload zsh/zpty
zpty asked zsh -f -i
zpty -w asked 'PS1=; PS2=; unsetopt zle_bracketed_paste; LISTMAX=10000; autoload -U compinit; compinit -D -u; source "SCRIPT"'
zpty -w asked 'compadd() { local -a found; builtin compadd -O found "$@"; print -l -- "" "<<" $found ">>"; builtin compadd "$@" }'
zpty -w asked 'print RE""ADY'
zpty -r asked text '*READY*'
while IFS= read -r line; do
  zpty -w -n asked "$line"$'\t'
  zpty -w -n asked $'C-a#\nprint DO""NE\n'
  zpty -r asked text '*DONE*'
  print -- '=='
  print -r -- "$text" | tr -d '\r' | sed -n '/^<<$/,/^>>$/p' | grep -v -e '^<<$' -e '^>>$'
done
zpty -d asked
`;

const SHELLS: readonly Shell[] = [
  {
    name: 'bash',
    ask: (script) => [
      '--norc',
      '-c',
      `source "${script}"; while IFS= read -r line; do COMP_LINE=$line COMP_POINT=\${#line}; COMPREPLY=(); _k8s_run; echo ==; printf '%s\\n' "\${COMPREPLY[@]}"; done`,
    ],
  },
  {
    name: 'fish',
    ask: (script) => [
      '--no-config',
      '-c',
      `source "${script}"; while read -l line; echo ==; complete -C "$line" | string replace -r '\t.*' ''; end`,
    ],
  },
  { name: 'zsh', ask: (script) => ['-f', '-c', ZSH.replace('SCRIPT', script)] },
];

for (const { name, ask } of SHELLS) {
  describe(`completion for ${name}`, { skip: needs(name) }, () => {
    let answers: readonly string[] = [];
    // One shell is asked for every line: a start of zsh with its completions takes as long as all of the answers.
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
        const run = spawnSync(name, ask(script), { cwd: folder, env, input, encoding: 'utf8', timeout: 60_000 });
        answers = run.stdout.split(/^==$/m).slice(1);
        assert.equal(answers.length, TYPED.length, run.stdout + run.stderr);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    for (const [index, [line, offered, not = []]] of TYPED.entries()) {
      test(`${line}▏`, () => {
        const answer = answers[index] ?? '';
        // A folder may have its slash or not: the shell adds it by itself.
        const words = answer.split('\n').map((word) => word.trim().replace(/\/$/, ''));
        for (const word of offered) assert.ok(words.includes(word), `${word} in ${answer}`);
        for (const word of not) assert.ok(!words.includes(word), `${word} not in ${answer}`);
      });
    }
  });
}

test('every command and every option is in each of them', async () => {
  for (const { name } of SHELLS) {
    const { stdout } = await finishWords(['completion', name]);
    for (const word of Object.keys(COMMANDS)) assert.ok(stdout.includes(word), `${word} for ${name}`);
    for (const flag of FLAGS)
      assert.ok(stdout.includes(name === 'fish' ? `-l ${flag.slice(2)}` : flag), `${flag} for ${name}`);
  }
});

test('what a command says that it takes is what its help has', async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { takes = [] } = await load();
    const { stdout } = await finishWords([name, '--help']);
    for (const { flags } of takes) assert.ok(stdout.includes(`  ${flags}`), `${flags} of ${name}`);
  }
});

test('another shell is refused, with those there are', async () => {
  for (const words of [[], ['tcsh'], ['constructor']]) {
    const run = await finishWords(['completion', ...words]);
    assert.deepEqual([run.code, run.stdout], [64, '']);
    assert.match(run.stderr, /name one of bash, zsh, fish/);
  }
});
