import type { Config } from '../config/config.ts';
import type { Keyboard, Policy } from '../lifecycle/policy.ts';

/** What the machine must know of the configuration, and of the terminal that k8s-run has or has not. */
export function policyOf(config: Config, keyboard: Keyboard, onTerminal: boolean): Policy {
  return {
    shutdownDelay: config.shutdownDelay,
    shutdownDelaySource: config.chosen.has('shutdownDelay') ? 'chosen' : 'default',
    drainConnections: config.drainConnections,
    grace: config.grace,
    stopOn: new Set(config.stopOn),
    stopSignal: config.stopSignal,
    rewrite: new Map(config.rewrite),
    remapExit: new Map(config.remapExit),
    readinessOnDrain: config.readinessOnDrain,
    keyboard,
    // Who took stdin, stdout and stderr off the terminal, as nohup(1) does, can do without it. Node resets what nohup ignores.
    terminalLoss: onTerminal ? 'stops' : 'is nothing',
    awaitsDependencies: config.waitFor.length > 0,
    hooks: new Set(HOOKS.filter(([, option]) => config[option] !== null).map(([hook]) => hook)),
    restart: config.restart,
    restartLimit: config.restartLimit,
    onChange: config.onChange,
  };
}

const HOOKS = [
  ['pre-start', 'preStart'],
  ['pre-stop', 'preStop'],
  ['post-exit', 'postExit'],
] as const;

/**
 * Who owns the keyboard. As PID 1 with a terminal (`docker run -it`), or when told so, the app shares it with us. On a
 * laptop's terminal the app is in a session of its own and a repeated Ctrl-C escalates.
 */
export function keyboardFor(interactive: boolean | null, pid: number, terminal: boolean): Keyboard {
  if (interactive ?? (pid === 1 && terminal)) return 'shared';
  return terminal && pid !== 1 ? 'escalates' : 'none';
}
