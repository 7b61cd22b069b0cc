import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dateOf, notesOf, release, sectionOf } from '../../../scripts/release/changelog.ts';

const CHANGELOG = `# Changelog

Words before.

## [Unreleased]

This will be 0.2.0, a small one.

### Added

- A thing that takes
  two lines; see [the page](docs/how-to/drain.md#x) and [the web](https://k8s.io).
- Another.

\`\`\`
## [Unreleased]
two
lines
\`\`\`

## [0.1.0] - 2026-11-30

The first version.
`;

describe('release', () => {
  test('what is unreleased gets the version and the date, and an empty Unreleased stands above it', () => {
    const text = release(CHANGELOG, '0.2.0', '2026-12-01');
    assert.equal(sectionOf(text, 'Unreleased'), '');
    assert.match(text, /^## \[Unreleased\]\n\n## \[0\.2\.0\] - 2026-12-01\n\nA small one\.\n\n### Added$/m);
    assert.equal(sectionOf(text, '0.1.0'), 'The first version.');
    assert.equal(dateOf(text, '0.2.0'), '2026-12-01');
    // Nothing else has changed.
    const [before = '', after = ''] = CHANGELOG.split('This will be 0.2.0, a small one.');
    assert.ok(text.startsWith(before) && text.endsWith(after));
  });

  test('a version that is there already, and a changelog that says nothing new, are refused', () => {
    const text = release(CHANGELOG, '0.2.0', '2026-12-01');
    assert.throws(() => release(CHANGELOG, '0.1.0', '2026-12-01'), /section for 0\.1\.0 already/);
    assert.throws(() => release(text, '0.3.0', '2026-12-01'), /nothing to release/);
    assert.throws(() => release('# Changelog\n', '0.3.0', '2026-12-01'), /no section ## \[Unreleased\]/);
  });
});

describe('the notes of a release', () => {
  test('the notes are the section of the version, with links that arrive and lines that are not wrapped', () => {
    const notes = notesOf(release(CHANGELOG, '0.2.0', '2026-12-01'), '0.2.0', 'https://x.y/z');
    assert.equal(
      notes,
      `A small one.

### Added

- A thing that takes two lines; see [the page](https://x.y/z/blob/v0.2.0/docs/how-to/drain.md#x) and [the web](https://k8s.io).
- Another.

\`\`\`
## [Unreleased]
two
lines
\`\`\`
`,
    );
  });

  test('before a release its notes are what is unreleased, and a version that nobody wrote of has none', () => {
    assert.match(notesOf(CHANGELOG, '0.2.0', 'https://x.y/z'), /^This will be 0\.2\.0, a small one\.\n/);
    assert.throws(() => notesOf('# Changelog\n', '0.2.0', 'https://x.y/z'), /says nothing of 0\.2\.0/);
    assert.equal(sectionOf(CHANGELOG, '0.1'), null);
    assert.equal(dateOf(CHANGELOG, '0.2.0'), null);
    assert.equal(dateOf(CHANGELOG, 'Unreleased'), null);
  });
});
