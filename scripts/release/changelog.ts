const UNRELEASED = '## [Unreleased]';
/** A semantic version (https://semver.org), without build metadata, which neither Debian nor an image's tag could carry. */
export const VERSION_FORM: RegExp =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?$/;

/**
 * Gives what is under Unreleased the version and the date (YYYY-MM-DD), and opens an empty Unreleased above it. Throws if there is
 * nothing to release, or the version is there already.
 */
export function release(text: string, version: string, date: string): string {
  if (sectionOf(text, version) !== null) throw new Error(`CHANGELOG.md has a section for ${version} already`);
  const notes = sectionOf(text, 'Unreleased');
  if (notes === null) throw new Error(`CHANGELOG.md has no section ${UNRELEASED}`);
  if (notes === '') throw new Error('CHANGELOG.md says nothing under Unreleased: there is nothing to release');
  const said = notes.replace(/^This will be \S+, (\w)/m, (_, letter: string) => letter.toUpperCase());
  const [before = ''] = text.split(UNRELEASED, 1);
  const after = text.slice(before.length + UNRELEASED.length).replace(/^\s*/, '');
  return `${before}${UNRELEASED}\n\n## [${version}] - ${date}\n\n${said}${after.slice(notes.length)}`;
}

/** What CHANGELOG.md says of a version, without its heading; null if it has no such section. */
export function sectionOf(text: string, version: string): string | null {
  const lines = text.split('\n');
  const isHeading = (line: string): boolean => line.startsWith('## ');
  const fences = fenced(lines);
  const start = lines.findIndex((line, at) => !fences[at] && isHeading(line) && headingOf(line).version === version);
  if (start < 0) return null;
  const length = lines.slice(start + 1).findIndex((line, at) => !fences[start + 1 + at] && isHeading(line));
  const section = length < 0 ? lines.slice(start + 1) : lines.slice(start + 1, start + 1 + length);
  return section.join('\n').trim();
}

/** The date of a version, YYYY-MM-DD; null while it is not released. */
export function dateOf(text: string, version: string): string | null {
  for (const line of text.split('\n')) {
    const heading = headingOf(line);
    if (heading.version === version) return heading.date ?? null;
  }
  return null;
}

/**
 * The notes of a release as GitHub shows them: the section, with links that arrive from outside of the repository. A line of the
 * changelog is wrapped, and GitHub would show each end of a line in notes as one, so paragraphs and items are joined.
 */
export function notesOf(text: string, version: string, homepage: string): string {
  const section = sectionOf(text, version) ?? sectionOf(text, 'Unreleased');
  if (section === null || section === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${joined(section).replace(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, `](${homepage}/blob/v${version}/$1)`)}\n`;
}

function headingOf(line: string): { readonly version?: string; readonly date?: string } {
  const [, version, date] = /^## \[?([^\]\s]+)\]?(?: - (\d{4}-\d{2}-\d{2}))?\s*$/.exec(line) ?? [];
  return { ...(version === undefined ? {} : { version }), ...(date === undefined ? {} : { date }) };
}

/** Which lines are part of a block of code, or one of its fences. */
function fenced(lines: readonly string[]): readonly boolean[] {
  let inside = false;
  return lines.map((line) => {
    const fence = /^\s*```/.test(line);
    const is = inside || fence;
    if (fence) inside = !inside;
    return is;
  });
}

function joined(section: string): string {
  const lines = section.split('\n');
  const fences = fenced(lines);
  const out: string[] = [];
  for (const [at, line] of lines.entries()) {
    const goesOn =
      out.length > 0 &&
      !fences[at] &&
      !fences[at - 1] &&
      line.trim() !== '' &&
      lines[at - 1]?.trim() !== '' &&
      !/^#/.test(lines[at - 1] ?? '') &&
      !/^\s*([-*+|>#]|\d+\.)/.test(line);
    if (goesOn) out.push(`${out.pop()} ${line.trim()}`);
    else out.push(line);
  }
  return out.join('\n');
}
