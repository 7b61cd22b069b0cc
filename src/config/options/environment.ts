import { listOfOne, readSwitch } from '../values.ts';
import type { Option } from './row.ts';

export const ENVIRONMENT: {
  readonly envDir: Option<readonly string[]>;
  readonly resourceEnv: Option<boolean>;
} = {
  envDir: {
    flag: 'env-dir',
    takes: '<dir>',
    fallback: null,
    repeats: true,
    group: 'environment',
    help: 'each file of a mounted ConfigMap or Secret becomes a variable of the app; it wins over one that is set already',
    read: (text) => listOfOne(text === '' ? { problem: 'must be a folder, such as /etc/config' } : { ok: text }),
  },
  resourceEnv: {
    flag: 'resource-env',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'environment',
    help: "set GOMAXPROCS, GOMEMLIMIT, NODE_OPTIONS … from the container's limits where they are not set; k8s-run env shows them",
    read: readSwitch,
  },
};
