/** What k8s-run makes of a command line and variables. Times are milliseconds. */
export type Interpret = (words: readonly string[], variables: Readonly<Record<string, string>>) => Interpreted;

export type Interpreted =
  | {
      readonly kind: 'options';
      readonly options: Options;
      readonly command: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'mistakes'; readonly texts: readonly string[] }
  /** `k8s-run probe`, `--help`: it supervises nothing. */
  | { readonly kind: 'other' };

export type Options = {
  /** null: there is none that could be known, off or any free one. */
  readonly healthPort: number | null;
  /** The server listens where the kubelet cannot ask by HTTP. */
  readonly loopback: boolean;
  /** The phases of the shutdown that take time, by the name of their option. */
  readonly phases: readonly (readonly [name: string, ms: number])[];
  readonly reserve: number;
  readonly pause: number;
  readonly pauseChosen: boolean;
  /** What k8s-run was told the pod's time is. */
  readonly period: number | null;
  /** Whether a signal starts the shutdown at all. */
  readonly stops: boolean;
  readonly scope: 'group' | 'process';
  /** It is ready as long as it runs: nobody sends it requests. */
  readonly worker: boolean;
  /** Options in a file, which a manifest does not show. */
  readonly file: boolean;
};
