import type { Cancel, Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { describeHook, type Hook } from '../config/hook.ts';
import type { HookName, Signal } from '../lifecycle/state.ts';
import type { Log } from '../log/log.ts';
import { httpProbe } from '../probe/http.ts';
import { limitNameLookups } from '../probe/name-lookup.ts';
import type { runWithOutput, SignalCommand } from '../process/run-command.ts';
import { runHookCommand } from './command.ts';

/** Runs hooks, one of each name at a time, each with the limit `--hook-timeout`. */
export type HookRunner = {
  /** Calls `ended` once, whatever happens. When it is called again while the hook runs, the hook runs once more afterwards. */
  readonly run: (name: HookName) => void;
  /** Signals all hooks that run, and cancels those that were to run once more. A request to a URL is aborted by any signal. */
  readonly signal: (signal: Signal) => void;
};

export type HookRunnerDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The app's environment, in which hooks run too. */
  readonly environment: () => NodeJS.ProcessEnv;
  /** What is added to it for this hook. */
  readonly variables: (name: HookName) => NodeJS.ProcessEnv;
  readonly runWithOutput: typeof runWithOutput;
  /** `failure`: why the hook failed; null: it did not. */
  readonly ended: (name: HookName, failure: string | null) => void;
};

const SIGKILL: Signal = 9;

export function createHookRunner({ config, clock, log, version, ended, ...deps }: HookRunnerDeps): HookRunner {
  const running = new Map<HookName, SignalCommand>();
  const runAgain = new Set<HookName>();

  const run = (name: HookName): void => {
    const hook = hookOf(name, config);
    if (running.has(name)) runAgain.add(name);
    else if (hook === null) ended(name, null);
    else begin(name, hook);
  };

  const begin = (name: HookName, hook: Hook): void => {
    // Signals that come before the command was spawned are sent to it then.
    const early: Signal[] = [];
    running.set(name, (signal) => void early.push(Number(signal)));
    const started = (signalIt: SignalCommand): void => {
      running.set(name, signalIt);
      for (const signal of early) signalIt(signal);
    };
    let timedOut = false;
    const cancel: Cancel = clock.after(config.hookTimeout, () => {
      timedOut = true;
      running.get(name)?.(SIGKILL);
    });
    const finished = (failure: string | null): void => {
      cancel();
      running.delete(name);
      ended(name, timedOut ? `${describeHook(hook)} did not finish within ${config.hookTimeout} ms` : failure);
      if (runAgain.delete(name)) run(name);
    };
    const work = hook.kind === 'command' ? runCommand(name, hook.words, started) : request(name, hook, started);
    work.then(finished, (error: Error) => finished(`internal error: ${error.message}`));
  };

  const runCommand = async (
    name: HookName,
    words: readonly string[],
    started: (signal: SignalCommand) => void,
  ): Promise<string | null> => {
    const environment = { ...deps.environment(), ...deps.variables(name) };
    const commandDeps = { clock, log, runWithOutput: deps.runWithOutput };
    return (await runHookCommand({ name, words }, environment, commandDeps, started)).failure;
  };

  /** With GET, as the kubelet calls a preStop hook; --post-exit with POST, as the quit endpoints of mesh proxies require. */
  const request = async (
    name: HookName,
    { url, host }: Hook & { kind: 'url' },
    started: (signal: SignalCommand) => void,
  ): Promise<string | null> => {
    const controller = new AbortController();
    started(() => controller.abort());
    const method = name === 'post-exit' ? 'POST' : 'GET';
    limitNameLookups();
    // W3C Trace Context: what a command has in its environment, a request has in its headers.
    const { TRACEPARENT, TRACESTATE } = deps.variables(name);
    const headers = Object.entries({ traceparent: TRACEPARENT, tracestate: TRACESTATE }).flatMap(([header, value]) =>
      value === undefined ? [] : [[header, value] as const],
    );
    const answer = await httpProbe({ url, host, headers, method }, `k8s-run/${version}`)(controller.signal);
    return answer.kind === 'passed' ? null : answer.reason;
  };

  return {
    run,
    signal(signal) {
      runAgain.clear();
      for (const signalIt of running.values()) signalIt(signal);
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
    case 'on-resize':
      return config.onResize?.kind === 'exec' ? config.onResize.hook : null;
  }
}
