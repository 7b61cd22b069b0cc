/** An image as the kubelet reads it. Without a tag and a digest the container runtime takes `latest`. */
export type ImageReference = {
  readonly text: string;
  /** The registry and the repository. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
};

// The grammar of github.com/distribution/reference, which the kubelet parses images with.
const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const TAG = '\\w[\\w.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
/** A name of 64 hexadecimal digits would be taken for the ID of an image. */
const IDENTIFIER = /^[a-f0-9]{64}$/;
const LONGEST_NAME = 255;

/** Null: the kubelet would refuse it (InvalidImageName). */
export function parseImage(text: string): ImageReference | null {
  const [, name, tag = null, digest = null] = REFERENCE.exec(text) ?? [];
  if (name === undefined || name.length > LONGEST_NAME || IDENTIFIER.test(text)) return null;
  const [algorithm, hash = ''] = digest?.split(':') ?? [];
  const length = algorithm === undefined ? undefined : DIGEST_LENGTHS[algorithm];
  if (length !== undefined && !new RegExp(`^[a-f0-9]{${length}}$`).test(hash)) return null;
  return { text, name, tag, digest };
}

/** In hexadecimal digits, of the algorithms that every runtime knows. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Whether two pods with this image may run different versions of the app. */
export function isUnversioned({ tag, digest }: ImageReference): boolean {
  return digest === null && (tag === null || tag === 'latest');
}
