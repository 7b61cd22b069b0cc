import { configOf } from '../image-config.ts';
import { type JsonMap, listOf, mapsOf, valueAt, wordsIn } from '../json.ts';
import type { ImageConfig, InjectSettings } from '../settings.ts';

const PROGRAM = /(^|\/)k8s-run(\.js)?$/;
const IN_SCRIPT = /(^|[\s/;&])k8s-run(\.js)?\s/;
const HEALTH_PATHS = /^\/(readyz|livez|startupz|healthz)$/;

/** s6-overlay, sysvinit and others, systemd. */
const FIRST_PROCESSES = /^(\/init|(\/usr)?\/sbin\/init|(.*\/)?systemd|(.*\/)?s6-linux-init|(.*\/)?my_init)$/;

/** How the app of a container is started. */
export type AppCommand =
  /** The manifest has a command. */
  | { readonly kind: 'in manifest'; readonly words: readonly string[] }
  /** The manifest gets this command, which the image has or the user has given. */
  | { readonly kind: 'of image'; readonly command: readonly string[]; readonly words: readonly string[] }
  | { readonly kind: 'left alone'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string };

/** Never guesses: an image's ENTRYPOINT is not in a manifest. */
export function appCommandOf(container: JsonMap, settings: InjectSettings): AppCommand {
  const name = String(container['name'] ?? '');
  const image = String(container['image'] ?? '');
  const command = wordsIn(container['command']) ?? [];
  const args = wordsIn(container['args']) ?? [];
  const words = [...command, ...args];
  if (words.some((word) => PROGRAM.test(word) || IN_SCRIPT.test(word)))
    return { kind: 'left alone', text: 'runs k8s-run already, so it is left alone' };
  if (command.length > 0) return firstProcess(words, settings) ?? { kind: 'in manifest', words };
  if (seemsToRunIt(container))
    return { kind: 'left alone', text: 'seems to have k8s-run as the ENTRYPOINT of its image, so it is left alone' };
  const given = settings.entrypoints.get(name);
  if (given !== undefined)
    return firstProcess(given, settings) ?? { kind: 'of image', command: given, words: [...given, ...args] };
  const config = configOf(settings.imageConfigs, { container: name, image });
  if (config !== null) {
    const found = commandOfImage(config, args, container['args'] !== undefined);
    return (found.kind === 'of image' ? firstProcess(found.words, settings) : null) ?? found;
  }
  return {
    kind: 'unknown',
    text: `has no command, and the ENTRYPOINT of ${image === '' ? 'its image' : image} is not in a manifest: give --image-config FILE with what docker image inspect prints of it, or --entrypoint ${name}='["program","argument"]', or choose other containers with --container`,
  };
}

/** Programs that refuse to run, or run as something else, where they are not process 1; a container that was named is not left alone. */
function firstProcess([program = '']: readonly string[], { containers }: InjectSettings): AppCommand | null {
  return containers === null && FIRST_PROCESSES.test(program)
    ? {
        kind: 'left alone',
        text: `begins with ${program}, an init system that must be process 1 itself, so it is left alone; --container would choose it`,
      }
    : null;
}

/** args replace CMD, as the kubelet has it. */
function commandOfImage({ entrypoint, cmd }: ImageConfig, args: readonly string[], hasArgs: boolean): AppCommand {
  const command = hasArgs ? entrypoint : [...entrypoint, ...cmd];
  const words = [...command, ...args];
  if (words.length === 0)
    return { kind: 'unknown', text: 'has no command, and its image has no ENTRYPOINT and no CMD' };
  if (PROGRAM.test(words[0] ?? ''))
    return { kind: 'left alone', text: 'has k8s-run as the ENTRYPOINT of its image, so it is left alone' };
  return { kind: 'of image', command, words };
}

/** Its variables or its probes are k8s-run's. */
function seemsToRunIt(container: JsonMap): boolean {
  if (mapsOf(container['env']).some(({ name }) => String(name).startsWith('K8S_RUN_'))) return true;
  return ['readinessProbe', 'livenessProbe', 'startupProbe'].some((probe) => {
    const path = valueAt(container, [probe, 'httpGet', 'path']);
    const words = wordsIn(valueAt(container, [probe, 'exec', 'command'])) ?? [];
    const isOurs = valueAt(container, [probe, 'httpGet', 'port']) === 20_080 && HEALTH_PATHS.test(String(path));
    return isOurs || words.some((word) => PROGRAM.test(word));
  });
}

/** The port of the health server of a container that runs k8s-run already. */
export function healthPortIn(container: JsonMap): number {
  const variable = mapsOf(container['env']).find(({ name }) => name === 'K8S_RUN_HEALTH_PORT');
  const words = [...listOf(container['command']), ...listOf(container['args'])].map(String);
  const flag = words.findIndex((word) => /^--health-port(=|$)/.test(word));
  const given = flag < 0 ? variable?.['value'] : (words[flag]?.split('=')[1] ?? words[flag + 1]);
  const port = Number(given);
  return Number.isInteger(port) && port > 0 ? port : 20_080;
}
