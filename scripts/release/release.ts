import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeArchives, writeText } from './archive.ts';
import { bump } from './bump.ts';
import { notesOf } from './changelog.ts';
import { makeDeb } from './deb.ts';
import { folderFor } from './folders.ts';
import { makeFolderImage, makeNodeImage } from './image.ts';
import { makeKrewManifest } from './krew.ts';
import { makePackage } from './npm-package.ts';
import { ARCHES, type Artefact, currentVersion, type Gap, type Plan, ROOT, run } from './plan.ts';
import { makeSbom } from './sbom.ts';
import { tableOf, writeSums } from './sums.ts';

/**
 * Makes everything that a release has, uses each of it, and lists it: `npm run release -- --dry-run`. Nothing is published by this
 * command: .github/workflows/release.yml runs it for a tag, and publishes what it has made.
 */
const USAGE = `npm run release -- --dry-run [options]         make and check everything, for a commit of any kind
npm run release [-- options]                   the same, for a tagged commit; a part that cannot be made is an error
npm run release -- --bump major|minor|patch|VERSION    move the repository to the next version
  --out DIR           the folder for the files, which is emptied (default: dist-release)
  --reuse-folders     take the portable folders of dist-bundle instead of building them
  --fast              compress little, for tests
  --unchecked         with --dry-run: make everything without using it, for tests
  --node-image NAME   the base of the image over Node (default: that of the Dockerfile)
  --help              show this help
`;

/** sysexits(3). */
const USAGE_CODE = 64;

const { values } = readFlags();
const today = new Date().toISOString().slice(0, 10);
if (values.help) process.stdout.write(USAGE);
else if (values.bump !== undefined) process.stdout.write(said(() => moved(values.bump ?? '')));
else make();

function moved(step: string): string {
  const version = bump(step, today);
  return `The version is ${version}. Then: git commit --all --message 'Release ${version}' && git tag v${version}\n`;
}

function make(): void {
  const dryRun = values['dry-run'] === true;
  const unchecked = values.unchecked === true;
  if (unchecked && !dryRun) fail('--unchecked is for --dry-run', USAGE_CODE);
  const version = currentVersion();
  const commit = run('git', ['rev-parse', 'HEAD'], { cwd: ROOT }).trim();
  if (!dryRun) refuseUntagged(version);
  const out = resolve(values.out ?? `${ROOT}dist-release`);
  const scratch = `${out}.making`;
  for (const folder of [out, scratch]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const reuse = values['reuse-folders'] === true;
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { homepage: string };
  const homepage = manifest.homepage.replace(/\/$/, '');
  const plan: Plan = {
    version,
    commit,
    epoch: Number(process.env['SOURCE_DATE_EPOCH'] ?? run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT })),
    out,
    scratch,
    folders: { x64: folderFor('x64', reuse), arm64: folderFor('arm64', reuse) },
    fast: values.fast === true,
    nodeImage: values['node-image'] ?? defaultNodeImage(),
  };
  try {
    const parts: readonly (() => readonly (Artefact | Gap)[])[] = [
      () => [makePackage(plan)],
      ...ARCHES.flatMap((arch) => [
        () => makeArchives(plan, arch),
        () => [makeDeb(plan, arch)],
        () => [makeSbom(plan, arch)],
      ]),
      () => [makeFolderImage(plan, homepage)],
      () => [makeNodeImage(plan, homepage)],
      () => [makeKrewManifest(plan, homepage)],
    ];
    const checks = new Map<string, string>();
    const gaps: string[] = [];
    for (const part of parts.flatMap((each) => each())) {
      if ('missing' in part) gaps.push(part.missing);
      else checks.set(part.name, unchecked ? 'not checked' : part.check());
    }
    writeText(plan, 'NOTES.md', notesOf(readFileSync(`${ROOT}CHANGELOG.md`, 'utf8'), version, homepage));
    writeSums(plan);
    process.stdout.write(`${tableOf(plan, checks)}\n`);
    for (const gap of gaps) process.stdout.write(`not made: ${gap}\n`);
    process.stdout.write(`${out}: k8s-run ${version}, commit ${commit}; nothing was published\n`);
    if (gaps.length > 0 && !dryRun) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A release is a commit that everybody can have, with its own notes. */
function refuseUntagged(version: string): void {
  const tags = run('git', ['tag', '--points-at', 'HEAD'], { cwd: ROOT }).split('\n');
  if (!tags.includes(`v${version}`)) fail(`HEAD has no tag v${version}; try it with --dry-run`);
  const changed = run('git', ['status', '--porcelain'], { cwd: ROOT }).trim();
  if (changed !== '') fail(`the tree has changes that are not committed: ${changed.split('\n').join(', ')}`);
}

function defaultNodeImage(): string {
  const [, image = ''] = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(`${ROOT}Dockerfile`, 'utf8')) ?? [];
  return image.includes('/') ? image : `docker.io/library/${image}`;
}

function said(step: () => string): string {
  try {
    return step();
  } catch (error) {
    return fail((error as Error).message);
  }
}

function fail(reason: string, code = 1): never {
  process.stderr.write(`cannot release: ${reason}\n`);
  process.exit(code);
}

function readFlags() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      options: {
        'dry-run': flag,
        'reuse-folders': flag,
        fast: flag,
        unchecked: flag,
        help: flag,
        out: text,
        bump: text,
        'node-image': text,
      },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`, USAGE_CODE);
  }
}
