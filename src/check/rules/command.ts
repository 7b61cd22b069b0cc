import { field, itemsOf, scalarOf, textOf, wordsOf } from '../document.ts';
import { type Finding, find, set } from '../finding.ts';
import { notText } from '../kubectl-type.ts';
import { hearsSignals, SHELL, scriptOf, withExec } from '../script.ts';
import type { Container, Workload } from '../workload.ts';

/** What is started, with which options, and whether it hears its signals. */
export function commandRules({ containers, before, pod, serves }: Workload): readonly Finding[] {
  const found = [
    ...containers.flatMap((container) => shell(container, serves)),
    ...[...containers, ...before].flatMap((container) => [...options(container), ...variables(container)]),
  ];
  const some = containers.some(({ supervisor }) => supervisor.kind !== 'none');
  if (some || containers.length === 0) return found;
  const reason = 'No command, variable or probe says that k8s-run runs the app; the pod was looked at like any other';
  return [
    ...found,
    find('no-k8s-run', field(pod, 'containers'), reason, 'Name it in command, or ask its health port with the probes'),
  ];
}

function shell(container: Container, serves: boolean): readonly Finding[] {
  const { spot, name, supervisor } = container;
  if (supervisor.kind === 'mistaken') return [];
  const own = wordsOf(field(spot, 'command')) ?? [];
  const words = [...own, ...(wordsOf(field(spot, 'args')) ?? [])];
  const behind = supervisor.kind === 'k8s-run' && supervisor.behindShell;
  const under = supervisor.kind === 'k8s-run' && !behind;
  // To its group k8s-run sends the signal itself, so that a shell in between does no harm.
  if (under && supervisor.options.scope === 'group') return [];
  const command = under ? supervisor.command : supervisor.kind === 'none' ? (supervisor.command ?? []) : words;
  const script = scriptOf(command);
  if (script === null || hearsSignals(script)) return [];
  const who = under ? 'k8s-run signals the shell alone (--signal-scope process)' : 'the shell is PID 1';
  const reason = `${name} runs ${command[0]} -c: ${who}, and it does not pass SIGTERM on, so the app is killed at the end of the grace`;
  const index = words.indexOf(script);
  const at = index < own.length ? field(spot, 'command', index) : field(spot, 'args', index - own.length);
  const right = withExec(script);
  const fix = 'Write `exec` before the app in the script, or leave the shell out';
  const edits = right === null || index < 0 || !SHELL.test(command[0] ?? '') ? [] : set(at, right);
  const found = find('shell-entrypoint', index < 0 ? spot : at, reason, fix, edits);
  // A Job that is killed is run again, and nobody waits for its answers.
  return [serves ? found : { ...found, severity: 'note' }];
}

function options({ name, spot, supervisor }: Container): readonly Finding[] {
  if (supervisor.kind === 'mistaken')
    return supervisor.texts.map((text) =>
      find(
        'bad-option',
        supervisor.spot.node === null ? field(spot, 'env') : supervisor.spot,
        `${name} does not start: ${text}`,
        'Write it as the sentence says; k8s-run --help lists every option',
      ),
    );
  if (supervisor.kind !== 'k8s-run') return [];
  const found = supervisor.warnings.map((text) => {
    const place = variable(spot, text.split(' ')[0] ?? '');
    return text.includes(' is no option of ')
      ? find('unknown-variable', place, text, 'Write the name as docs/reference.md has it, or take it out')
      : find('idle-option', place, text, 'Take it out, or give what it needs');
  });
  if (supervisor.seen === 'assumed')
    found.push(
      find(
        'entrypoint-assumed',
        spot,
        `${name} names no command, so it was assumed that the ENTRYPOINT of its image is k8s-run, without options`,
        'If the image has options in its ENTRYPOINT, put them into env, where they are seen',
      ),
    );
  if (supervisor.unread.length > 0)
    found.push(
      find(
        'options-unread',
        spot,
        `${supervisor.unread.join(', ')} of ${name}: the value is not in the manifest, so the default was assumed`,
        'Compare it by hand, or write it as a literal value',
      ),
    );
  return found;
}

function variable(container: Container['spot'], name: string): Container['spot'] {
  const env = field(container, 'env');
  return itemsOf(env).find((item) => textOf(field(item, 'name')) === name) ?? env;
}

function variables({ spot, name }: Container): readonly Finding[] {
  const values = itemsOf(field(spot, 'env')).map((item) => ({
    value: field(item, 'value'),
    what: `The value of ${textOf(field(item, 'name')) ?? 'a variable'}`,
  }));
  const words = ['command', 'args'].flatMap((key) =>
    itemsOf(field(spot, key)).map((value, index) => ({ value, what: `Word ${index + 1} of ${key}` })),
  );
  return [...values, ...words].flatMap(({ value, what }) => {
    const kind = notText(value.node);
    if (kind === null) return [];
    const reason = `${what} in ${name} is a ${kind}, and the API server takes only text`;
    const written = (value.node as { source?: string } | null)?.source ?? String(scalarOf(value));
    const edits = kind === 'list or a map' ? [] : set(value, written);
    return [find('env-not-text', value, reason, 'Put it in quotation marks', edits)];
  });
}
