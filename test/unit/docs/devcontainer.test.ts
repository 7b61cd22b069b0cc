import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** The used part of https://containers.dev/implementors/json_schema/: a property, and what its value must be. */
const PROPERTIES: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isText,
  image: isText,
  postCreateCommand: isText,
  remoteUser: isText,
  init: (value) => typeof value === 'boolean',
  capAdd: (value) => Array.isArray(value) && value.every(isText),
  containerEnv: (value) => Object.values(Object(value)).every(isText),
  customizations: (value) => Object.values(Object(value)).every((each) => typeof each === 'object'),
};

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

test('the devcontainer has properties of its specification only, and the Node of the repository', () => {
  const container = JSON.parse(read('.devcontainer/devcontainer.json'));
  for (const [key, value] of Object.entries(container)) assert.ok(PROPERTIES[key]?.(value), `${key}: ${value}`);
  const [, major] = /^node:(\d+)-bookworm$/.exec(container.image) ?? [];
  assert.equal(major, read('.node-version').trim());
  // What it installs is what everybody installs.
  const [command] = container.postCreateCommand.split(' --');
  assert.match(read('CONTRIBUTING.md'), new RegExp(`^${command} `, 'm'));
});
