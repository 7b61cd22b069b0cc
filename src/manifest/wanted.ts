/** All that a manifest is made of. Times are whole seconds, as in Kubernetes. */
export type Wanted = {
  readonly name: string;
  readonly namespace: string | null;
  readonly image: string;
  readonly replicas: number;
  /** Where the app takes requests; null: nowhere, it is a worker. `assumed`: nobody said so. */
  readonly port: { readonly number: number; readonly assumed: boolean; readonly grpc: boolean } | null;
  readonly cpu: string;
  readonly memory: string;
  /** What to start k8s-run with; null: the image does. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[];
  /** Options that cannot be variables: a value of theirs has a comma in it, where a variable holds several. */
  readonly options: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** The file of --config; its text is null when it may hold secrets. */
  readonly file: { readonly name: string; readonly text: string | null } | null;
  readonly health: { readonly port: number; readonly asked: 'by http' | 'by exec' };
  /** The shutdown, phase by phase, and what it adds up to. */
  readonly shutdown: { readonly seconds: number; readonly sum: string };
};
