import { shellScriptOf } from '../../check/shell-script.ts';
import { programNamed, programOfImage, recognize } from '../../programs/recognize.ts';
import { adviceFor } from '../../programs/stop-advice.ts';
import { configOf } from '../image-config.ts';
import { isJsonMap, type JsonMap, mapsOf, valueAt, wordsIn } from '../json.ts';
import type { InjectSettings } from '../settings.ts';

/** What of a container's end k8s-run takes over. */
export type TakenStop = {
  /** Options of k8s-run, by their keys. */
  readonly options: readonly (readonly [key: string, value: string])[];
  /** The fields to take out: `lifecycle` or `lifecycle/preStop`. */
  readonly removed: string | null;
  /** A hook of the kubelet's runs before k8s-run gets the signal. */
  readonly keepsPreStop: boolean;
  readonly notes: readonly string[];
};

/** The signals that begin the shutdown by default. */
const STOP_ON: readonly string[] = ['TERM', 'INT'];

export function takeStop(container: JsonMap, words: readonly string[], settings: InjectSettings): TakenStop {
  const hook = takePreStop(container);
  const signal = stopSignalOf(container, words, settings);
  return { ...hook, options: [...hook.options, ...signal.options], notes: [...hook.notes, ...signal.notes] };
}

function takePreStop(container: JsonMap): TakenStop {
  const preStop = valueAt(container, ['lifecycle', 'preStop']);
  const nothing: TakenStop = { options: [], removed: null, keepsPreStop: false, notes: [] };
  if (!isJsonMap(preStop)) return nothing;
  const seconds = sleepIn(preStop);
  if (seconds === null)
    return {
      ...nothing,
      keepsPreStop: true,
      notes: [
        'keeps its preStop hook, which does more than to sleep: it runs first, and the delay of k8s-run follows it',
      ],
    };
  const others = Object.keys(valueAt(container, ['lifecycle']) ?? {}).length > 1;
  return {
    ...nothing,
    options: [['shutdownDelay', `${seconds}s`]],
    removed: others ? 'lifecycle/preStop' : 'lifecycle',
    notes: [`sleeps for ${seconds} s in its preStop hook, which becomes --shutdown-delay`],
  };
}

/** How long a hook only sleeps, in seconds; null: it does more, or something else. */
function sleepIn(hook: JsonMap): number | null {
  if (Object.keys(hook).length !== 1) return null;
  const seconds = valueAt(hook, ['sleep', 'seconds']);
  if (typeof seconds === 'number' && seconds >= 0) return seconds;
  const command = wordsIn(valueAt(hook, ['exec', 'command'])) ?? [];
  const [program = '', time = '', ...rest] = shellScriptOf(command)?.trim().split(/\s+/) ?? command;
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)([sm]?);?$/.exec(time) ?? [];
  if (!/(^|\/)sleep$/.test(program) || rest.length > 0 || amount === undefined) return null;
  return Number(amount) * (unit === 'm' ? 60 : 1);
}

/** The signal of the runtime must begin the shutdown, and the app must get the one that it knows. */
function stopSignalOf(
  container: JsonMap,
  words: readonly string[],
  settings: InjectSettings,
): Pick<TakenStop, 'options' | 'notes'> {
  const name = String(container['name'] ?? '');
  const image = String(container['image'] ?? '');
  const config = configOf(settings.imageConfigs, { container: name, image });
  const official = programOfImage(image);
  const own = valueAt(container, ['lifecycle', 'stopSignal']);
  const given = typeof own === 'string' ? own : config === null ? official?.image?.stopSignal : config.stopSignal;
  const received = (given ?? 'TERM').toUpperCase().replace(/^SIG/, '');
  const found = recognize(words) ?? (official === null ? null : programNamed(official.names[0] ?? ''));
  if (!STOP_ON.includes(received)) {
    const sent = found?.program.advice?.stopSignal ?? received;
    return {
      options: [
        ['stopOn', [received, ...STOP_ON].join(',')],
        ['stopSignal', sent],
      ],
      notes: [`is stopped by SIG${received}, the STOPSIGNAL of its image, which begins the shutdown now`],
    };
  }
  if (found === null) return { options: [], notes: [] };
  const variables = mapsOf(container['env']).map((each) => String(each['name']));
  const advice = adviceFor({
    program: found.program,
    name: found.name,
    text: words.join(' '),
    hasVariable: (variable) => variables.includes(variable),
    sent: received,
    signalScope: 'group',
  });
  if (advice === null) return { options: [], notes: [] };
  const { stopSignal, signalScope, flag } = found.program.advice ?? {};
  return {
    options: [
      ...(stopSignal === undefined ? [] : [['stopSignal', stopSignal] as const]),
      ...(signalScope === undefined ? [] : [['signalScope', signalScope] as const]),
    ],
    notes: [
      `runs ${found.name}, which gets ${advice.options.join(' and ')}`,
      ...(flag === undefined ? [] : [`runs ${found.name}, which also needs its own ${flag}`]),
    ],
  };
}
