import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { release, sectionOf, VERSION_FORM } from './changelog.ts';
import { currentVersion, ROOT, run } from './plan.ts';

const PAGES = ['*.md', 'docs/**/*.md', 'examples/**/*.{md,yaml}'];
const STEPS = ['major', 'minor', 'patch'] as const;
/** What a page shows a version in: the name of an artefact, an image, an action, a revision of the repository. */
const BEFORE = 'k8s-run[-_:]|k8s-run@v|\\brev: v|/blob/v|/download/v|/tags/v|^(?=[^:\\s]+: )';

/**
 * The version after `current` for a step (major, minor or patch) or for a version that is written out. A version before its
 * release, such as 1.0.0-rc.1, is followed by 1.0.0 in the step that leads to it. Throws for anything else, and for a version that
 * is not newer; the current one may be named while it is not released.
 */
export function nextVersion(current: string, step: string, isReleased: boolean): string {
  const parts = VERSION_FORM.exec(current);
  if (parts === null)
    throw new Error(`package.json has the version ${current}, which is not semantic (https://semver.org)`);
  const [major = 0, minor = 0, patch = 0] = parts.slice(1, 4).map(Number);
  const isPrerelease = parts[4] !== undefined;
  switch (step) {
    case 'major':
      return isPrerelease && minor === 0 && patch === 0 ? `${major}.0.0` : `${major + 1}.0.0`;
    case 'minor':
      return isPrerelease && patch === 0 ? `${major}.${minor}.0` : `${major}.${minor + 1}.0`;
    case 'patch':
      return isPrerelease ? `${major}.${minor}.${patch}` : `${major}.${minor}.${patch + 1}`;
    default: {
      if (!VERSION_FORM.test(step))
        throw new Error(`${step} is neither ${STEPS.join(', ')} nor a version such as 1.2.3`);
      const order = compareVersions(step, current);
      if (order < 0 || (order === 0 && isReleased)) throw new Error(`${step} is not newer than ${current}`);
      return step;
    }
  }
}

/** Negative if `one` comes before `other` by semantic versioning, 0 if they are the same, else positive. */
export function compareVersions(one: string, other: string): number {
  const [numbers, before] = partsOf(one);
  const [otherNumbers, otherBefore] = partsOf(other);
  for (const [at, number] of numbers.entries()) {
    const difference = number - (otherNumbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (before.length === 0 || otherBefore.length === 0) return otherBefore.length - before.length;
  for (const [at, word] of before.entries()) {
    const against = otherBefore[at];
    if (against === undefined) return 1;
    if (word === against) continue;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(word), /^\d+$/.test(against)];
    if (isNumber && isOtherNumber) return Number(word) - Number(against);
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    return word < against ? -1 : 1;
  }
  return before.length - otherBefore.length;
}

function partsOf(version: string): readonly [numbers: readonly number[], before: readonly string[]] {
  const [, major, minor, patch, before] = VERSION_FORM.exec(version) ?? [];
  return [[major, minor, patch].map(Number), before?.split('.') ?? []];
}

/** A page with the new version where it shows the old one as that of k8s-run. */
export function withVersion(page: string, old: string, version: string): string {
  // Not 0.1.0-rc.1 or 0.1.0.1 for 0.1.0; but what names of artefacts have behind it.
  const form = `(${BEFORE})${old.replaceAll('.', '\\.')}(?!\\w|\\.\\d|-(?!linux|image|node|1_))`;
  return page.replace(new RegExp(form, 'gm'), `$1${version}`);
}

/**
 * Moves the whole repository to the next version: package.json and its lock, CHANGELOG.md, the pages, and what is generated.
 * Returns the version. The caller commits. `today`: YYYY-MM-DD.
 */
export function bump(step: string, today: string): string {
  const changelog = readFileSync(`${ROOT}CHANGELOG.md`, 'utf8');
  const old = currentVersion();
  const version = nextVersion(old, step, sectionOf(changelog, old) !== null);
  const released = release(changelog, version, today);
  run('npm', ['version', '--no-git-tag-version', '--allow-same-version', '--ignore-scripts', version], { cwd: ROOT });
  writeFileSync(`${ROOT}CHANGELOG.md`, released);
  for (const page of globSync(PAGES, { cwd: ROOT })) {
    // What was decided and what was released stays as it was written.
    if (/^CHANGELOG|^docs\/decisions\/|node_modules/.test(page)) continue;
    const text = readFileSync(`${ROOT}${page}`, 'utf8');
    const moved = withVersion(text, old, version);
    if (moved !== text) writeFileSync(`${ROOT}${page}`, moved);
  }
  run('npm', ['run', 'docs', '--silent'], { cwd: ROOT });
  return version;
}
