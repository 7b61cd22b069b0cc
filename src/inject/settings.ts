/** How the folder comes into the pod. */
export type Via = 'init-container' | 'image-volume';

/** What `k8s-run inject` was asked for. */
export type InjectSettings = {
  readonly via: Via;
  /** The image of the portable folder. */
  readonly image: string;
  /** Only these containers, by name; null: all. */
  readonly containers: ReadonlySet<string> | null;
  /** Variables of k8s-run that the user has given, by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** Command lines that the user has given, by the name of the container. */
  readonly entrypoints: ReadonlyMap<string, readonly string[]>;
  readonly imageConfigs: readonly ImageConfig[];
  /** The user of the init container; `image`: what the image or the cluster says. */
  readonly user: number | 'image';
  /** The medium of the emptyDir. */
  readonly medium: 'disk' | 'memory';
};

/** What an image says of its start and its stop. */
export type ImageConfig = {
  /** A container or an image that the user has named, and the tags and digests of the image; empty: for the only one. */
  readonly names: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly stopSignal: string | null;
  readonly user: string | null;
};

/** What the outcome of one object says to the user: the rest of a sentence that begins with the object's name. */
export type Remark = { readonly container: string | null; readonly text: string };
