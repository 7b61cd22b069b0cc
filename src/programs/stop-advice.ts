import type { KnownProgram, ProgramAdvice } from './known-programs.ts';

/** How a program is run and stopped. Signals have names without SIG. */
export type HowItStops = {
  readonly program: KnownProgram;
  /** As it is called here: apache2 for httpd. */
  readonly name: string;
  /** Its command line and what is known of its configuration, as one text. */
  readonly text: string;
  /** Whether a variable is set for it. */
  readonly hasVariable: (name: string) => boolean;
  /** The signal that it gets. */
  readonly sent: string;
  readonly signalScope: 'group' | 'process';
};

export type StopAdvice = {
  /** What happens now: "nginx cuts requests in flight when it gets SIGTERM". */
  readonly reason: string;
  /** Options of k8s-run. */
  readonly options: readonly string[];
  /** `--stop-signal QUIT`, and a flag of the program where it needs one. */
  readonly remedy: string;
  readonly gain: string;
};

/** What this program should be run with; null: nothing is known to be better than what it has. */
export function adviceFor({ program, name, text, hasVariable, sent, signalScope }: HowItStops): StopAdvice | null {
  const { advice, onTerm } = program;
  if (advice === null || sent !== 'TERM') return null;
  if (advice.onlyFor?.test(text) === false || advice.followedBy?.test(text) === true) return null;
  if (program.variables?.some(hasVariable) === true) return null;
  const options = optionsOf(advice);
  const isSet = advice.flag === undefined && advice.stopSignal === undefined && signalScope === advice.signalScope;
  if (isSet) return null;
  return {
    reason: `${name} ${onTerm} when it gets SIGTERM`,
    options,
    remedy: remedyOf(advice),
    gain: advice.gain,
  };
}

/** `--signal-scope process`. */
export function optionsOf({ stopSignal, signalScope }: ProgramAdvice): readonly string[] {
  return [
    ...(stopSignal === undefined ? [] : [`--stop-signal ${stopSignal}`]),
    ...(signalScope === undefined ? [] : [`--signal-scope ${signalScope}`]),
  ];
}

export function remedyOf(advice: ProgramAdvice): string {
  const flag = advice.flag === undefined ? [] : [`its own ${advice.flag}`];
  return [...optionsOf(advice), ...flag].join(' and ');
}
