/** docs/benchmarks.md as sections, so that a run replaces those that it has measured and keeps the others. */

/** The text before the first section, and each section with its heading. */
type Page = { readonly preface: string; readonly sections: ReadonlyMap<string, string> };

const HEADING = /^## (.+)$/m;

export function parsePage(text: string): Page {
  const [preface = '', ...parts] = text.split(/^(?=## )/m);
  return {
    preface,
    sections: new Map(parts.map((part) => [HEADING.exec(part)?.[1] ?? '', part.trimEnd()])),
  };
}

/** The page with these sections in place of those with the same titles; new ones follow at the end. */
export function withSections(before: string, preface: string, sections: readonly string[]): string {
  const merged = new Map(parsePage(before).sections);
  for (const section of sections) merged.set(HEADING.exec(section)?.[1] ?? '', section.trimEnd());
  return `${preface}${[...merged.values()].join('\n\n')}\n`;
}
