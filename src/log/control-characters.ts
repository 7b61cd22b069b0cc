/**
 * Shows control characters as escapes, so that a name or a text from outside neither moves the cursor of a terminal nor looks like
 * another line: C0, DEL, C1 (U+009B begins a sequence as ESC [ does), line separators, and marks that turn the direction of writing.
 */
export function escapeControl(text: string): string {
  // What is left as it is. Names of classes would need ICU.
  return text.replace(/[^ -~\u00a0-\u2027\u202f-\u2065\u206a-\uffff]/g, escaped);
}

/** The control characters that JSON leaves as they are. They can stand only in its strings. */
export function escapeInJson(line: string): string {
  return line.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
