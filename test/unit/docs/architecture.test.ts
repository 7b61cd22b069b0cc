import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { architecture } from '../../../scripts/architecture.ts';
import { LAYERS } from '../architecture/edges.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const PAGE = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');

test('docs/architecture.md shows the layers and edges that the architecture test enforces', () => {
  assert.equal(PAGE, architecture());
});

test('a changed edge, or a page that lost its marks, would be found', () => {
  const stale = PAGE.replace(/^(\| metrics +\| )resources, /m, '$1');
  assert.notEqual(stale, PAGE);
  assert.equal(architecture(stale), PAGE);
  assert.throws(() => architecture(PAGE.replace('<!-- end of edges', '<!-- END')), /lost the marks/);
});

test('docs/architecture.md has a row for every room, and the folders of src/ are the rooms', () => {
  const rooms = LAYERS.flat().filter((room) => !room.endsWith('.ts'));
  for (const room of rooms) assert.match(PAGE, new RegExp(`^\\| ${room} +\\|`, 'm'), room);
  const entries = readdirSync(`${ROOT}src`, { withFileTypes: true });
  const names = entries.map((entry) => entry.name).sort();
  assert.deepEqual(names, LAYERS.flat().sort());
});

test('every file that docs/architecture.md names exists', () => {
  const files = [...PAGE.matchAll(/`([a-z-]+(?:\/[a-z-]+)+\.ts|[a-z-]+\.ts)`/g)].map(([, file = '']) => file);
  assert.ok(files.length > 30);
  for (const file of files) assert.ok(existsSync(`${ROOT}src/${file}`) || existsSync(`${ROOT}${file}`), file);
});
