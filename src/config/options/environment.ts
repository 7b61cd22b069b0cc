import { listOfOne, readSwitch } from '../values.ts';
import type { Option } from './row.ts';

export const ENVIRONMENT_OPTIONS: {
  readonly envDir: Option<readonly string[]>;
  readonly resourceEnv: Option<boolean>;
  readonly webConcurrency: Option<boolean>;
} = {
  envDir: {
    flag: 'env-dir',
    takes: '<dir>',
    fallback: null,
    repeats: true,
    group: 'environment',
    help: 'folder of a mounted ConfigMap or Secret; each file becomes a variable of the app and overrides one that is set',
    read: (text) => listOfOne(text === '' ? { problem: 'must be a folder, such as /etc/config' } : { ok: text }),
  },
  resourceEnv: {
    flag: 'resource-env',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'environment',
    help: "variables from the container's limits (GOMAXPROCS, GOMEMLIMIT, NODE_OPTIONS …) where they are not set; k8s-run env shows them",
    read: readSwitch,
  },
  webConcurrency: {
    flag: 'web-concurrency',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'environment',
    help: 'WEB_CONCURRENCY from the limits, where it is not set: one process per processor, for gunicorn, uvicorn and Puma from a command line',
    read: readSwitch,
  },
};
