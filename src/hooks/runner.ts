import type { Cancel, Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { describeHook, type Hook } from '../config/hook.ts';
import type { HookName, Signal } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import { httpProbe } from '../probe/http.ts';
import type { runWithOutput, SignalCommand } from '../process/run-command.ts';

/** The hooks as the machine sees them: one of a name at a time, each with its limit. */
export type HookRunner = {
  /** `ended` is called once for it, whatever happens; a second call while it runs has it run once more afterwards. */
  readonly run: (name: HookName) => void;
  /** A signal to all that is under way, and what was to run once more does not. A URL that is asked only knows how to be left. */
  readonly signal: (signal: Signal) => void;
};

export type HookRunnerDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The app's, which is the hooks' too. */
  readonly environment: () => NodeJS.ProcessEnv;
  readonly runWithOutput: typeof runWithOutput;
  /** `failure`: in words, or null when the hook did what it should. */
  readonly ended: (name: HookName, failure: string | null) => void;
};

/** A hook that floods must not fill the log: it is read on, and no more of it is written. */
const MOST_LINES = 200;
/** The failure of a hook quotes this many of its last lines: enough for an error message. */
const LAST_LINES = 5;
const SIGKILL: Signal = 9;

export function createHookRunner({ config, clock, log, version, ended, ...tools }: HookRunnerDeps): HookRunner {
  const underWay = new Map<HookName, SignalCommand>();
  const again = new Set<HookName>();

  const run = (name: HookName): void => {
    const hook = hookOf(name, config);
    if (underWay.has(name)) again.add(name);
    else if (hook === null) ended(name, null);
    else begin(name, hook);
  };

  const begin = (name: HookName, hook: Hook): void => {
    // What comes before the command is there is for it all the same.
    const early: Signal[] = [];
    underWay.set(name, (signal) => void early.push(Number(signal)));
    const begun = (kill: SignalCommand): void => {
      underWay.set(name, kill);
      for (const signal of early) kill(signal);
    };
    let late = false;
    const cancel: Cancel = clock.after(config.hookTimeout, () => {
      late = true;
      underWay.get(name)?.(SIGKILL);
    });
    const over = (failure: string | null): void => {
      cancel();
      underWay.delete(name);
      ended(name, late ? `${describeHook(hook)} was not over within ${config.hookTimeout} ms` : failure);
      if (again.delete(name)) run(name);
    };
    const work = hook.kind === 'command' ? runIt(name, hook.words, begun) : ask(name, hook, begun);
    work.then(over, (error: Error) => over(`internal error: ${error.message}`));
  };

  const runIt = async (
    name: HookName,
    words: readonly string[],
    begun: (kill: SignalCommand) => void,
  ): Promise<string | null> => {
    const said: string[] = [];
    let lines = 0;
    const line = (text: string): void => {
      lines += 1;
      said.push(text);
      if (said.length > LAST_LINES) said.shift();
      const facts = { hook: name, output: text };
      if (lines <= MOST_LINES) log.write('info', 'hook', `${name}: ${text}`, facts);
      else if (lines === MOST_LINES + 1)
        log.write('warn', 'hook', `${name} says more than ${MOST_LINES} lines; the rest is not shown`, { hook: name });
    };
    const listener = { line, after: clock.after };
    const end = await tools.runWithOutput(words, tools.environment(), listener, begun);
    if (end.kind === 'not started') return `cannot run ${words[0]}: ${end.reason}`;
    const { exit } = end;
    if (exit.kind === 'code' && exit.code === 0) return null;
    const how = exit.kind === 'code' ? `exited with ${exit.code}` : `was ended by signal ${exit.signal}`;
    return `${words[0]} ${how}${said.length === 0 ? '' : `: ${said.join(' / ')}`}`;
  };

  /** As the kubelet asks a preStop hook (GET), and as mesh proxies want to be told to quit (POST). */
  const ask = async (
    name: HookName,
    { url, host }: Hook & { kind: 'url' },
    begun: (kill: SignalCommand) => void,
  ): Promise<string | null> => {
    const controller = new AbortController();
    begun(() => controller.abort());
    const method = name === 'post-exit' ? 'POST' : 'GET';
    const answer = await httpProbe({ url, host, headers: [], method }, `k8s-run/${version}`)(controller.signal);
    return answer.kind === 'passed' ? null : answer.reason;
  };

  return {
    run,
    signal(signal) {
      again.clear();
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
