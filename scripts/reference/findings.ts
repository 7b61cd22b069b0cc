/**
 * The findings of `k8s-run check`. THE PLACE FOR THEM: once the rules of src/check are a table with their words (severity, what is
 * wrong, remedy, how to silence it), make a table of it here; the marks stand in docs/reference.md.
 */
export function findingTable(): string {
  return 'Each finding names its rule, the place in the manifest, the reason and the remedy: [how to check manifests](how-to/manifests.md).';
}
