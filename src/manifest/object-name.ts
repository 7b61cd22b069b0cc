import type { ImageReference } from './image-reference.ts';
import type { WorkloadKind } from './manifest-input.ts';
import { isServiceName } from './names.ts';

/** In characters: what the controllers add to it must fit into a label of 63. */
const LONGEST_NAMES: Readonly<Partial<Record<WorkloadKind, number>>> = { cronjob: 52, statefulset: 52 };

/** What is wrong with a name for the objects of this kind; null: nothing. */
export function nameProblem(name: string, kind: WorkloadKind, hasService: boolean): string | null {
  const longest = LONGEST_NAMES[kind] ?? 63;
  if (name.length > longest) return `must have at most ${longest} characters, because the controller adds to it`;
  return hasService && !isServiceName(name)
    ? 'must begin with a letter, because a Service has the name; write web'
    : null;
}

/** The name of registry/team/web:1 is web. */
export function nameOfImage({ name }: ImageReference): string {
  const last = name.split('/').at(-1) ?? '';
  const label = last
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 52)
    .replace(/-$/, '');
  return isServiceName(label) ? label : 'app';
}
