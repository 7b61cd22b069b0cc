import { dirname } from 'node:path';
import type { ObjectLabels, Selector } from './labels.ts';

/** Where an object was found. */
export type Origin = {
  readonly file: string;
  /** null: the manifest does not say, so it is the one that kubectl or kustomize chooses. */
  readonly namespace: string | null;
};

export type CheckedService = Origin & {
  readonly name: string;
  /** Empty: its endpoints are made by something else. */
  readonly selector: ObjectLabels;
  readonly ports: readonly ServicePort[];
  readonly headless: boolean;
};
/** `target`: the number of a port, or the name of a container port. */
export type ServicePort = {
  readonly name: string | null;
  readonly target: number | string | null;
  readonly protocol: string;
};

export type CheckedWorkload = Origin & {
  readonly kind: string;
  readonly name: string;
  /** The labels of its pods. */
  readonly labels: ObjectLabels;
  readonly replicas: number | null;
  /** The names of the ports of its containers. */
  readonly portNames: readonly string[];
  /** The numbers of the ports of its containers. */
  readonly portNumbers: readonly number[];
};

export type CheckedBudget = Origin & { readonly name: string; readonly selector: Selector };

/** A HorizontalPodAutoscaler, or a ScaledObject of KEDA, which makes one. */
export type CheckedAutoscaler = Origin & {
  readonly kind: string;
  readonly name: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number | null;
};

/** What a generator of a kustomization.yaml makes. `isComplete`: each of its files could be read. */
export type GeneratedMap = CheckedConfigMap & { readonly kind: 'ConfigMap' | 'Secret'; readonly isComplete: boolean };
/** What a generator makes in part only, because a source of it cannot be read. */
export type UnreadSource = Origin & { readonly offset: number; readonly what: string; readonly problem: string };

/** A PersistentVolumeClaim, by who may mount its volume at once. */
export type CheckedClaim = Origin & { readonly name: string; readonly mountedBy: 'one pod' | 'one node' | 'many' };

export type CheckedConfigMap = Origin & { readonly name: string; readonly data: Readonly<Record<string, string>> };

/** What all manifests of a run say that other manifests need: read before the first one is checked. */
export type CheckedSet = {
  /** By a label of their selector. */
  readonly services: Index<CheckedService>;
  readonly servicesByName: Index<CheckedService>;
  /** By each label of their pods. */
  readonly workloads: Index<CheckedWorkload>;
  readonly workloadsByFile: Index<CheckedWorkload>;
  /** By a label of their selector, or EVERY where it has none. */
  readonly budgets: Index<CheckedBudget>;
  /** By kind and name of what they scale. */
  readonly autoscalers: Index<CheckedAutoscaler>;
  readonly configMaps: Index<CheckedConfigMap>;
  /** By kind and name. */
  readonly generatedMaps: Index<GeneratedMap>;
  /** By their file. */
  readonly unreadSources: Index<UnreadSource>;
  readonly claims: Index<CheckedClaim>;
};

/** Objects by keys, so that a run over thousands of manifests does not compare each with each. */
export type Index<T> = {
  readonly add: (object: T, keys: readonly string[]) => void;
  /** The objects with any of these keys, each once. */
  readonly get: (keys: readonly string[]) => readonly T[];
};

/** The key of what has no label to be found by. */
export const EVERY = '*';

export function emptySet(): CheckedSet {
  return {
    services: createIndex(),
    servicesByName: createIndex(),
    workloads: createIndex(),
    workloadsByFile: createIndex(),
    budgets: createIndex(),
    autoscalers: createIndex(),
    configMaps: createIndex(),
    generatedMaps: createIndex(),
    unreadSources: createIndex(),
    claims: createIndex(),
  };
}

function createIndex<T>(): Index<T> {
  const lists = new Map<string, T[]>();
  return {
    add(object, keys) {
      for (const key of keys) {
        const list = lists.get(key);
        if (list === undefined) lists.set(key, [object]);
        else list.push(object);
      }
    },
    get(keys) {
      const [first = [], ...others] = keys.flatMap((key) => {
        const list = lists.get(key);
        return list === undefined ? [] : [list];
      });
      return others.length === 0 ? first : [...new Set([first, ...others].flat())];
    },
  };
}

/** The keys of labels in an index. */
export function labelKeys(labels: ObjectLabels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

/**
 * Of the objects that fit, those that are nearest to this place: in its file, else in its folder, else in a folder above or below,
 * else in a folder beside its own. A folder may hold several variants of an app, so one that is farther away is another app's.
 */
export function nearest<T extends Origin>(place: Origin, objects: readonly T[], fits: (object: T) => boolean): T[] {
  let best: T[] = [];
  let shortest = FARTHEST;
  for (const object of objects) {
    if (!isSameNamespace(place, object)) continue;
    const distance = distanceBetween(place.file, object.file);
    if (distance > shortest || distance >= FARTHEST || !fits(object)) continue;
    if (distance < shortest) best = [];
    shortest = distance;
    best.push(object);
  }
  return best;
}

export function isSameNamespace(a: Origin, b: Origin): boolean {
  return a.namespace === b.namespace || a.namespace === null || b.namespace === null;
}

const FARTHEST = 4;

function distanceBetween(a: string, b: string): number {
  if (a === b) return 0;
  const [ours, theirs] = [dirname(a), dirname(b)];
  if (ours === theirs) return 1;
  if (isInside(ours, theirs) || isInside(theirs, ours)) return 2;
  return dirname(ours) === dirname(theirs) ? 3 : FARTHEST;
}

function isInside(folder: string, outer: string): boolean {
  return outer === '.' ? !folder.startsWith('..') && !folder.startsWith('/') : folder.startsWith(`${outer}/`);
}
