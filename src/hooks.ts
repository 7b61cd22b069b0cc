import type { Clock } from './clock.ts';
import type { Config } from './config/parse.ts';
import type { Hook } from './hook/hook.ts';
import type { HookName, Signal } from './lifecycle/state.ts';
import type { Log } from './log/log.ts';
import type { Kill } from './process/command.ts';

/** The hooks as the machine sees them: one of a name at a time, each with its limit. */
export type Hooks = {
  readonly run: (name: HookName) => void;
  /** A signal to all of the hooks' processes that are under way. */
  readonly stop: (signal: Signal | 'SIGKILL') => void;
};

export type HookTools = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The app's, which is the hooks' too. */
  readonly environment: () => NodeJS.ProcessEnv;
  readonly contained: (work: () => Promise<void>) => void;
  /** `failure`: in words, or null when the hook did what it should. */
  readonly ended: (name: HookName, failure: string | null) => void;
};

/** A hook that floods must not fill the log: it is read on, and no more of it is written. */
const MOST_LINES = 200;
/** Of what it said last, this many lines stand with its failure: enough for the error, not for the story. */
const LAST_LINES = 5;

export function hooks(tools: HookTools): Hooks {
  const underWay = new Map<HookName, Kill>();

  const run = async (name: HookName): Promise<void> => {
    const hook = hookOf(name, tools.config);
    if (hook === null) return tools.ended(name, null);
    const limit = tools.config.hookTimeout;
    let late = false;
    const cancel = tools.clock.after(limit, () => {
      late = true;
      underWay.get(name)?.('SIGKILL');
    });
    try {
      const failure = hook.kind === 'command' ? await runCommandOf(name, hook.words) : await ask(name, hook);
      tools.ended(name, late && failure !== null ? `not over within ${limit} ms` : failure);
    } finally {
      cancel();
      underWay.delete(name);
    }
  };

  const runCommandOf = async (name: HookName, words: readonly string[]): Promise<string | null> => {
    const { runHeard } = await import('./process/command.ts');
    const said: string[] = [];
    let count = 0;
    const line = (text: string): void => {
      count += 1;
      said.push(text);
      if (said.length > LAST_LINES) said.shift();
      if (count <= MOST_LINES) tools.log.write('info', 'hook', `${name}: ${text}`, { hook: name, output: text });
      else if (count === MOST_LINES + 1)
        tools.log.write('warn', 'hook', `${name} says more than ${MOST_LINES} lines; the rest is not shown`, {
          hook: name,
        });
    };
    const end = await runHeard(words, tools.environment(), { line, after: tools.clock.after }, (kill) => {
      underWay.set(name, kill);
    });
    if (end.kind === 'not started') return `cannot run ${words[0]}: ${end.reason}`;
    const { exit } = end;
    if (exit.kind === 'code' && exit.code === 0) return null;
    const how = exit.kind === 'code' ? `exited with ${exit.code}` : `was ended by signal ${exit.signal}`;
    return `${words[0]} ${how}${said.length === 0 ? '' : `; it said: ${said.join(' / ')}`}`;
  };

  const ask = async (name: HookName, { url, host }: Hook & { kind: 'url' }): Promise<string | null> => {
    const { askHttp } = await import('./probe/http.ts');
    const controller = new AbortController();
    underWay.set(name, () => controller.abort());
    const method = name === 'post-exit' ? 'POST' : 'GET';
    const answer = await askHttp(url, host, `k8s-run/${tools.version}`, method)(controller.signal);
    return answer.kind === 'passed' ? null : answer.reason;
  };

  return {
    run: (name) => tools.contained(() => run(name)),
    stop(signal) {
      for (const kill of underWay.values()) kill(signal);
    },
  };
}

function hookOf(name: HookName, config: Config): Hook | null {
  switch (name) {
    case 'pre-start':
      return config.preStart;
    case 'pre-stop':
      return config.preStop;
    case 'post-exit':
      return config.postExit;
    case 'on-change':
      return config.onChange.kind === 'exec' ? config.onChange.hook : null;
  }
}
