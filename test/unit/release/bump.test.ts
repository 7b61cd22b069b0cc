import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, nextVersion, withVersion } from '../../../scripts/release/bump.ts';
import { debianVersion } from '../../../scripts/release/deb.ts';

test('a step leads to the next version, and out of versions before a release to that release', () => {
  for (const [current, step, next] of [
    ['0.1.0', 'patch', '0.1.1'],
    ['0.1.9', 'minor', '0.2.0'],
    ['0.9.9', 'major', '1.0.0'],
    ['1.0.0-rc.1', 'major', '1.0.0'],
    ['1.2.0-rc.1', 'minor', '1.2.0'],
    ['1.2.3-rc.1', 'patch', '1.2.3'],
    ['1.2.3-rc.1', 'minor', '1.3.0'],
    ['1.2.0-rc.1', 'major', '2.0.0'],
    ['0.1.0', '0.2.0-rc.1', '0.2.0-rc.1'],
    ['0.2.0-rc.2', '0.2.0-rc.10', '0.2.0-rc.10'],
  ] as const)
    assert.equal(nextVersion(current, step, true), next);
});

test('the first version is the one in package.json, which may be named until it is released', () => {
  assert.equal(nextVersion('0.1.0', '0.1.0', false), '0.1.0');
  assert.throws(() => nextVersion('0.1.0', '0.1.0', true), /0\.1\.0 is not newer than 0\.1\.0/);
});

test('what is no step and no newer version is refused', () => {
  for (const step of [
    '0.0.9',
    '0.1.0-rc.1',
    'big',
    '',
    'v0.2.0',
    '0.2',
    '0.2.0.1',
    '01.2.0',
    '0.2.0+build',
    '0.2.0-',
    '0.2.0-01',
  ])
    assert.throws(() => nextVersion('0.1.0', step, true), /not newer|neither major, minor, patch/, step);
});

test('versions are ordered by semantic versioning', () => {
  // The order of https://semver.org/#spec-item-11.
  const order = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.10.0',
  ];
  for (const [at, one] of order.entries())
    for (const [where, other] of order.entries())
      assert.equal(Math.sign(compareVersions(one, other)), Math.sign(at - where), `${one} ${other}`);
});

test('a page has the new version in names of artefacts, images, actions and revisions, and nowhere else', () => {
  const page = (version: string): string =>
    [
      `npm i ./k8s-run-${version}.tgz`,
      `k8s-run-${version}-linux-x64.tar.zst k8s-run_${version}-1_amd64.deb k8s-run-${version}-image.tar`,
      `registry.example.com/k8s-run:${version} and ghcr.io/k8s-run/k8s-run:${version}-node`,
      `${version}: the status of the project`,
      `uses: k8s-run/k8s-run@v${version}`,
      `rev: v${version}`,
      `https://github.com/k8s-run/k8s-run/blob/v${version}/docs and https://github.com/k8s-run/k8s-run/releases/download/v${version}/x`,
      `Until k8s-run ${'0.1.0'} and tini 0.1.0, k8s-run-0.1.01, k8s-run-0.1.0.1, k8s-run-0.1.0-rc.1.tgz, rev: v0.1.00, k8s-run-1.0.1.0`,
    ].join('\n');
  assert.equal(withVersion(page('0.1.0'), '0.1.0', '0.2.0-rc.1'), page('0.2.0-rc.1'));
  assert.equal(withVersion(page('0.2.0-rc.1'), '0.2.0-rc.1', '0.2.0'), page('0.2.0'));
});

test('a Debian version before a release sorts before it', () => {
  assert.equal(debianVersion('0.2.0'), '0.2.0-1');
  assert.equal(debianVersion('0.2.0-rc.1'), '0.2.0~rc.1-1');
  assert.equal(debianVersion('0.2.0-rc.1-x'), '0.2.0~rc.1-x-1');
});
