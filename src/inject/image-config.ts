import { isJsonList, isJsonMap, type Json, type JsonMap, valueAt, wordsIn } from './json.ts';
import type { ImageConfig } from './settings.ts';

/**
 * Reads what `docker image inspect`, `podman image inspect`, `skopeo inspect --config` and `crane config` print; the first two
 * may have several images. `name`: the container or the image that the user has named.
 */
export function readImageConfigs(
  text: string,
  name: string | null,
): readonly ImageConfig[] | { readonly problem: string } {
  let whole: Json;
  try {
    whole = JSON.parse(text);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const images = (isJsonList(whole) ? whole : [whole]).filter(isJsonMap);
  const configs = images.flatMap((image) => {
    const config = valueAt(image, ['Config']) ?? valueAt(image, ['config']);
    return isJsonMap(config) ? [readConfig(config, name === null ? namesOf(image) : [name])] : [];
  });
  if (configs.length === 0 || configs.length < images.length)
    return {
      problem: 'it has no config; give what docker image inspect, skopeo inspect --config or crane config prints',
    };
  return configs;
}

function namesOf(image: JsonMap): readonly string[] {
  return ['RepoTags', 'RepoDigests'].flatMap((key) => wordsIn(image[key]) ?? []);
}

function readConfig(config: JsonMap, names: readonly string[]): ImageConfig {
  const text = (key: string): string | null => {
    const value = config[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    names,
    entrypoint: wordsIn(config['Entrypoint']) ?? [],
    cmd: wordsIn(config['Cmd']) ?? [],
    stopSignal: text('StopSignal'),
    user: text('User'),
  };
}

/** The config of the image of a container: one that names the container or the image, else the only one without a name. */
export function configOf(
  configs: readonly ImageConfig[],
  { container, image }: { readonly container: string; readonly image: string },
): ImageConfig | null {
  const same = normalized(image);
  const named = configs.find(
    ({ names }) => names.includes(container) || names.some((name) => normalized(name) === same),
  );
  if (named !== undefined) return named;
  const nameless = configs.filter(({ names }) => names.length === 0);
  return nameless.length === 1 && configs.length === 1 ? (nameless[0] ?? null) : null;
}

/** `docker.io/library/nginx:latest` for nginx. */
function normalized(reference: string): string {
  const [repository = '', digest] = reference.split('@');
  const parts = repository.split('/');
  const hasHost = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const path = hasHost ? parts : ['docker.io', ...(parts.length === 1 ? ['library'] : []), ...parts];
  const name = path.join('/');
  if (digest !== undefined) return `${name.replace(/:[^/:]+$/, '')}@${digest}`;
  return /:[^/]+$/.test(path.at(-1) ?? '') ? name : `${name}:latest`;
}
