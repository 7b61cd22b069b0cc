/** All that the manifests are made from. Times are whole seconds, as in Kubernetes. */
export type ManifestInput = {
  readonly name: string;
  readonly namespace: string | null;
  readonly image: string;
  readonly replicas: number;
  /** The port that the app serves; null for a worker, which serves none. `assumed`: no option set it. */
  readonly port: { readonly number: number; readonly assumed: boolean; readonly grpc: boolean } | null;
  readonly cpu: string;
  readonly memory: string;
  /** The command that starts k8s-run; null: the ENTRYPOINT of the image does. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[];
  /** Options that cannot be variables: a value has a comma, which separates the values in a variable. */
  readonly options: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** The file of --config; its text is null when it may contain secrets. */
  readonly file: { readonly name: string; readonly text: string | null } | null;
  readonly health: { readonly port: number; readonly probedBy: 'httpGet' | 'exec' };
  /** The shutdown budget: its sum in seconds, and the phases that it is the sum of. */
  readonly shutdown: { readonly seconds: number; readonly sum: string };
};
