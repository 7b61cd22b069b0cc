import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { needs, needsThat } from './needs.ts';

export type Runtime = { readonly path: string; readonly skip: string | false };

/** Deno or Bun: what K8S_RUN_TEST_DENO or K8S_RUN_TEST_BUN names, as .ci/run installs it, or the one on the PATH. */
export function runtime(name: 'deno' | 'bun'): Runtime {
  const variable = `K8S_RUN_TEST_${name.toUpperCase()}`;
  const path = process.env[variable] ?? name;
  const works = spawnSync(path, ['--version']).status === 0;
  return { path, skip: needsThat(works, `${name} is not installed`, `${variable} names its binary, as in .ci/run`) };
}

/** The folder with the programs of examples/rust, which .ci/run builds. */
export function rustPrograms(): Runtime {
  const path = process.env['K8S_RUN_TEST_RUST'] ?? '';
  const remedy = 'K8S_RUN_TEST_RUST names the folder of what cargo has built, as in .ci/run';
  return { path, skip: needsThat(existsSync(join(path, 'server')), 'examples/rust was not built', remedy) };
}

/** Whether there is no Java with a compiler. */
export function noJdk(): string | false {
  const missing = needs('java');
  if (missing !== false) return missing;
  const { stdout } = spawnSync('java', ['--list-modules'], { encoding: 'utf8' });
  const remedy = 'a source file is run by a JDK: apt-get install default-jdk-headless';
  return needsThat(stdout.includes('jdk.compiler'), 'this Java is a JRE', remedy);
}

/** In no package of Debian or npm, so .ci/run has none, and this is never demanded. */
export function dotnetSdk(least: number): string | false {
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' });
  const versions = [...(stdout ?? '').matchAll(/^(\d+)\./gm)].map(([, major]) => Number(major));
  return versions.some((major) => major >= least) ? false : `there is no .NET SDK ${least} or newer: dot.net`;
}
