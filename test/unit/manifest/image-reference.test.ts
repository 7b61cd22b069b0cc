import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnversioned, parseImage } from '../../../src/manifest/image-reference.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

test('an image is read as the kubelet reads it: registry, repository, tag and digest', () => {
  for (const [text, name, tag, digest] of [
    ['web', 'web', null, null],
    ['web:1.2', 'web', '1.2', null],
    ['localhost:5000/web', 'localhost:5000/web', null, null],
    ['registry.example.com:443/team/web:v1', 'registry.example.com:443/team/web', 'v1', null],
    [`ghcr.io/a/b@${DIGEST}`, 'ghcr.io/a/b', null, DIGEST],
    [`ghcr.io/a/b:1@${DIGEST}`, 'ghcr.io/a/b', '1', DIGEST],
    ['Registry.EXAMPLE.com/web', 'Registry.EXAMPLE.com/web', null, null],
    ['[fd00::1]:5000/web:1', '[fd00::1]:5000/web', '1', null],
    ['a__b/c.d/e---f', 'a__b/c.d/e---f', null, null],
  ] as const)
    assert.deepEqual(parseImage(text), { text, name, tag, digest });
});

test('an image that the kubelet refuses with InvalidImageName is refused', () => {
  for (const text of [
    ...[
      '',
      ' ',
      'a b',
      'Web:1',
      'team/Web',
      'web:',
      'web:-1',
      ':1',
      '/web',
      'web/',
      'a//b',
      '-web',
      'web-',
      'web_',
      'a___b',
      'a..b',
    ],
    ...[
      'web@sha256:abc',
      `web@sha256:${'g'.repeat(64)}`,
      `web@sha256:${'A1'.repeat(32)}`,
      'web@',
      'http://web',
      'web:1:2',
      'web?x',
    ],
    ...['a1'.repeat(32), 'a'.repeat(256), `web:${'x'.repeat(129)}`, 'web\n', 'wéb'],
  ])
    assert.equal(parseImage(text), null, text);
});

test('an image without a tag and one with the tag latest have no version, one with a digest has', () => {
  const unversioned = (text: string): boolean => {
    const image = parseImage(text);
    assert.ok(image !== null);
    return isUnversioned(image);
  };
  for (const text of ['web', 'host:5000/web', 'web:latest', 'host:5000/web:latest']) assert.ok(unversioned(text), text);
  for (const text of ['web:1', `web@${DIGEST}`, `web:latest@${DIGEST}`, 'web:latest-2'])
    assert.ok(!unversioned(text), text);
});
