/** Why an object cannot be changed: the rest of a sentence that begins with its name. `offset`: where, in characters of the document. */
export class Refusal extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}
