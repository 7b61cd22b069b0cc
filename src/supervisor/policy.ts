import type { Config } from '../config/config.ts';
import type { Keyboard, Policy } from '../lifecycle/policy.ts';
import { FROM_KEYBOARD } from '../lifecycle/step.ts';
import { signalName } from '../linux/signal-names.ts';

/** The policy of the state machine, from the configuration and from whether k8s-run has a terminal. */
export function policyOf(config: Config, keyboard: Keyboard, onTerminal: boolean): Policy {
  return {
    shutdownDelay: config.shutdownDelay,
    shutdownDelaySource: config.chosen.has('shutdownDelay') ? 'chosen' : 'default',
    drainConnections: config.drainConnections,
    drainConnectionsSource: config.chosen.has('drainConnections') ? 'chosen' : 'default',
    grace: config.grace,
    stopOn: new Set(config.stopOn),
    stopSignal: config.stopSignal,
    drainSignal: config.drainSignal,
    rewrite: new Map(config.rewrite),
    remapExit: new Map(config.remapExit),
    readinessOnDrain: config.readinessOnDrain,
    keyboard,
    // An app without stdin, stdout and stderr on the terminal, as under nohup(1), goes on without it. Node resets the ignored HUP of nohup.
    terminalLoss: onTerminal ? 'stops' : 'ignored',
    awaitsDependencies: config.waitFor.length > 0,
    hooks: new Set(HOOKS.filter(([, option]) => config[option] !== null).map(([hook]) => hook)),
    postMortem: new Set(POST_MORTEM.filter(([, option]) => config[option] !== null).map(([hook]) => hook)),
    hookTimeout: config.hookTimeout,
    restart: config.restart,
    restartLimit: config.restartLimit,
    onChange: config.onChange,
    onResize: config.onResize,
  };
}

const HOOKS = [
  ['pre-start', 'preStart'],
  ['pre-stop', 'preStop'],
  ['post-exit', 'postExit'],
] as const;

const POST_MORTEM = [
  ['on-unlive', 'onUnlive'],
  ['before-kill', 'beforeKill'],
  ['on-memory', 'onMemory'],
] as const;

/**
 * What the keyboard does. As PID 1 with a terminal (`docker run -it`), or with `--interactive`, the app shares the terminal with
 * k8s-run. On a laptop's terminal the app is in its own session, and a repeated Ctrl-C escalates.
 */
export function keyboardFor(interactive: boolean | null, pid: number, terminal: boolean): Keyboard {
  if (interactive ?? (pid === 1 && terminal)) return 'shared';
  return terminal && pid !== 1 ? 'escalates' : 'none';
}

/** A warning for each option that has no effect, because the terminal that the app shares sends it the signal itself. */
export function keyboardRemarks(
  { rewrite, stopOn, chosen }: Pick<Config, 'rewrite' | 'stopOn' | 'chosen'>,
  keyboard: Keyboard,
): readonly string[] {
  if (keyboard !== 'shared') return [];
  const nameOf = (signal: number): string => signalName(signal).replace(/^SIG/, '');
  const options = [
    ...[...rewrite].map(([from, to]) => [from, `--rewrite ${nameOf(from)}:${to === 0 ? 0 : nameOf(to)}`] as const),
    ...(chosen.has('stopOn') ? stopOn.map((signal) => [signal, `--stop-on ${nameOf(signal)}`] as const) : []),
  ];
  return options
    .filter(([signal]) => FROM_KEYBOARD.has(signal))
    .map(
      ([signal, option]) =>
        `${option} has no effect: the app shares the terminal, which sends it ${signalName(signal)} itself; set --no-interactive if it needs no terminal`,
    );
}
