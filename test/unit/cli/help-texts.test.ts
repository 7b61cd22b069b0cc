import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { grammarOf } from '../../../src/cli/completion/read-grammar.ts';
import { OPTIONS, type Option } from '../../../src/config/options/table.ts';

type Text = { readonly of: string; readonly help: string };

/** Every help of an option, of k8s-run itself and of its commands. */
async function helpTexts(): Promise<readonly Text[]> {
  const { commands } = await grammarOf(COMMANDS);
  return [
    ...(Object.values(OPTIONS) as readonly Option<unknown>[]).map(({ flag, help }) => ({ of: `--${flag}`, help })),
    ...commands.flatMap(({ name, flags }) => flags.map(({ name: flag, help }) => ({ of: `${name} ${flag}`, help }))),
  ];
}

/** Why a help is not in the one form that all have: a phrase that starts with what the value is, or what the switch does. */
function faultOf(help: string): string | null {
  if (/^(the|an?|its?|this|that|how|what|when|which|only|same)\b/i.test(help))
    return 'begins with no thing and no verb';
  if (/\.$/.test(help)) return 'ends with a full stop';
  if (/\be\.g\.|\bi\.e\.|\betc\b/.test(help)) return 'has an abbreviation';
  return /repeatable/.test(help.replace(/\((repeatable\b[^()]*|[^()]*; repeatable)\)/, ''))
    ? 'says repeatable outside of parentheses'
    : null;
}

test('the help of every option is a phrase that starts with what it is, and needs no other one', async () => {
  const texts = await helpTexts();
  assert.ok(texts.length > 100);
  const faults = texts.map(({ of, help }) => [of, faultOf(help), help]).filter(([, fault]) => fault !== null);
  assert.deepEqual(faults, []);
});

test('a help in another form would be found', () => {
  assert.equal(faultOf('labels of the objects (repeatable)'), null);
  assert.equal(faultOf('port of the app (repeatable; default: 8080)'), null);
  for (const help of [
    'the same when memory is full',
    'only some; repeatable',
    'stops it.',
    'a file, e.g. x',
    'x; repeatable',
  ])
    assert.notEqual(faultOf(help), null, help);
});
