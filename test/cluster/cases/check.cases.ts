import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ReportedFinding } from '../../../src/check/checker.ts';
import { isEmpty, splitDocuments } from '../../../src/check/split-documents.ts';
import { checkFiles } from '../../../src/cli/check.ts';
import { COMMAND_NAMES } from '../../../src/cli/commands.ts';
import { kubernetesVersion } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';

const CORPUS = new URL('../../check/corpus', import.meta.url).pathname;
const SAYS_REJECTED = /API server (rejects|accepts only)/;
/** Findings of documents that are no manifests, or that this cluster reads otherwise than the newest does. */
const NOT_FOR_IT = /^(newer-field|not-yaml|not-kubernetes|unrendered-template|file-error)$/;
/** The minor version of Kubernetes 1 that has the access mode ReadWriteOncePod on by default. */
const POD_CLAIMS_SINCE = 27;
/** What the cluster says of a kind that it does not have, or in a namespace that it does not have. */
const NOT_THERE =
  /no matches for kind|namespaces? "?\w+"? (not found|does not match)|the namespace from the provided object/;

type Verdict = { readonly where: string; readonly findings: readonly ReportedFinding[]; readonly text: string };

/** Each document of the corpus that this cluster can judge, with its findings. */
function verdicts(minor: number): readonly Verdict[] {
  return globSync('*/*.yaml', { cwd: CORPUS })
    .sort()
    .flatMap((name) => {
      const path = join(CORPUS, name);
      const request = { fix: false, kubernetes: minor, commands: COMMAND_NAMES };
      const { findings } = checkFiles([path], request).result;
      const documents = [...splitDocuments(readFileSync(path, 'utf8'))].filter(({ text }) => !isEmpty(text));
      return documents.map(({ text, line }, index) => {
        const end = documents[index + 1]?.line ?? Number.POSITIVE_INFINITY;
        const own = findings.filter((each) => each.line >= line && each.line < end);
        return { where: `${name}:${line}`, findings: own, text };
      });
    })
    .filter(({ findings }) => !findings.some(({ rule }) => NOT_FOR_IT.test(rule)))
    .filter(({ text }) => minor >= POD_CLAIMS_SINCE || !text.includes('ReadWriteOncePod'));
}

/** Why the API server rejects a document; null: it would take it. Nothing is made. */
async function rejection(text: string): Promise<string | null> {
  try {
    await kubectl(['create', '--dry-run=server', '--validate=false', '-f', '-'], text);
    return null;
  } catch (error) {
    return String(error);
  }
}

test('the API server rejects the manifests of which k8s-run check says so, and no others of the corpus', async () => {
  const { minor } = await kubernetesVersion();
  const wrong: string[] = [];
  let judged = 0;
  const all = verdicts(minor);
  for (const { where, findings, text } of all) {
    const expected = findings.find(({ reason }) => SAYS_REJECTED.test(reason));
    const reason = await rejection(text);
    if (reason !== null && NOT_THERE.test(reason)) continue;
    judged += 1;
    if ((reason !== null) !== (expected !== undefined))
      wrong.push(`${where}: check says ${expected?.reason ?? 'nothing'}; the API server says ${reason ?? 'nothing'}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(judged > all.length / 2, `${judged} of ${all.length}`);
});
