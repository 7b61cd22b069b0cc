import { formatDuration } from '../../duration.ts';
import { printable } from '../../wrap.ts';
import { adviceOn, type HasOption } from '../advice/advice.ts';
import { remedyFor } from '../advice/remedy.ts';
import { adviceTitle, formatSpan, sentence, VARIANT_LABELS } from '../labels.ts';
import type { AppFailure, Rehearsal, VariantResult } from '../results.ts';
import { summarize } from '../summary.ts';
import { headline } from './headline.ts';
import { NARROW, type PictureLayout, WIDE } from './layout.ts';
import { LEGEND } from './legend.ts';
import { type Fact, factList, podTable, settingsList } from './page-tables.ts';
import { drawRuns } from './picture.ts';
import { resultOf } from './run-result.ts';
import { COLOURS, DRAWING, PAGE } from './style.ts';
import { element, escaped, unbroken } from './svg.ts';

/** The report as one HTML page without scripts, that loads nothing. */
export function htmlPage(rehearsal: Rehearsal, has: HasOption): string {
  const { command, manifest, runs, appFailure, notes, version } = rehearsal;
  const title = escaped(headline(rehearsal));
  const body = [
    `<h1>${unbroken(headline(rehearsal))}</h1>`,
    `<p class="lead">A rolling update of <code>${escaped(command)}</code>${asIn(manifest)}, rehearsed on one machine.</p>`,
    appFailure === null ? '' : failureSection(appFailure),
    runs.length === 0 ? '' : `<div class="cards">${runs.map(card).join('')}</div>`,
    runs.length === 0 ? '' : figure(rehearsal),
    ...runs.map((run) => adviceSection(rehearsal, run, has)),
    runs.length === 0 ? '' : `<h2>Replicas</h2>${podTable(runs)}`,
    `<h2>Settings</h2>${settingsList(rehearsal)}`,
    notes.length === 0 ? '' : `<ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`,
    `<footer>k8s-run ${escaped(version)} rehearse</footer>`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${title}</title><style>${COLOURS}${DRAWING}${PAGE}</style></head>`,
    `<body><main>${body.join('\n')}</main></body></html>\n`,
  ].join('\n');
}

const asIn = (manifest: Rehearsal['manifest']): string =>
  manifest === null
    ? ''
    : ` with the settings of <code>${escaped(manifest.file)}</code> (${escaped(manifest.workload)})`;

/** Kinds of failures that a card lists; there is no room for more. */
const MOST_FAILURES = 4;

function card(run: VariantResult): string {
  const { failures, longestStall, latency, killed, timesToListen, timesToReady, cutRequests } = summarize(run);
  const facts: readonly Fact[] = [
    ...failures.slice(0, MOST_FAILURES).map(([what, count]) => [what, String(count)] as const),
    ...(latency === null ? [] : [['longest stall', formatSpan(longestStall)] as const]),
    ...(latency === null
      ? []
      : [['response time, median and p99', `${formatSpan(latency.median)}, ${formatSpan(latency.p99)}`] as const]),
    ...(timesToListen.length === 0
      ? []
      : [['port open after, at most', formatSpan(Math.max(...timesToListen))] as const]),
    [
      run.probePeriod === null
        ? 'seen ready after, at most'
        : `seen ready after, asked every ${formatDuration(run.probePeriod)}`,
      timesToReady.length === 0 ? '–' : formatSpan(Math.max(...timesToReady)),
    ],
    ['rollout', run.rollouts.map(({ from, to }) => formatSpan(to - from)).join(', ') || '–'],
    ['killed', killed.length === 0 ? 'none' : killed.join(', ')],
    ...(cutRequests === null ? [] : [['in flight when the app ended, by k8s-run', String(cutRequests)] as const]),
  ];
  const { number, text, kind } = resultOf(run);
  const words = number === '' ? escaped(sentence(text)) : `${number}<small>${escaped(text)}</small>`;
  const verdict = `<div class="big ${kind}${number === '' ? ' words' : ''}">${words}</div>`;
  return `<section class="card"><h3>${escaped(VARIANT_LABELS[run.variant])}</h3>${verdict}${factList(facts)}</section>`;
}

function figure(rehearsal: Rehearsal): string {
  const draw = (layout: PictureLayout, kind: string): string => {
    const { markup, height } = drawRuns(rehearsal, layout);
    const viewBox = `0 0 ${layout.width} ${height}`;
    return element('svg', { class: kind, viewBox, role: 'img', 'aria-label': headline(rehearsal) }, markup);
  };
  const legend = LEGEND.map(([colour, text]) => `<li><i style="background:${colour}"></i>${text}</li>`);
  return `<h2>What happened</h2><div class="figure">${draw(WIDE, 'wide')}${draw(NARROW, 'narrow')}<ul class="legend">${legend.join('')}</ul></div>`;
}

function adviceSection({ settings }: Rehearsal, run: VariantResult, has: HasOption): string {
  const advice = adviceOn(run, settings, has);
  const title = adviceTitle(
    run.variant,
    advice.map(({ severity }) => severity),
  );
  const items = advice.map(({ severity, text }) => `<li class="${severity}">${withCode(text)}</li>`);
  const output = run.appFailure === null ? '' : lastOutput(run.appFailure);
  return `<h2>${escaped(title)}</h2><ul class="advice">${items.join('')}</ul>${output}`;
}

/** Options are shown as code, with their value, because they can be copied. */
const withCode = (text: string): string =>
  escaped(text).replace(
    /--[a-z][a-z-]*(?: (?:\d[\w.]*|[A-Z]{3,}|http\S+|process|tcp\S+)(?![\w]))?/g,
    (option) => `<code>${option}</code>`,
  );

function failureSection(failure: AppFailure): string {
  const text = `${escaped(sentence(failure.text))}. ${withCode(remedyFor(failure))}`;
  return `<ul class="advice"><li class="problem">${text}</li></ul>${lastOutput(failure)}`;
}

function lastOutput({ output }: AppFailure): string {
  if (output.length === 0) return '';
  return `<p>Its last output:</p><pre>${output.map((line) => escaped(printable(line))).join('\n')}</pre>`;
}
