import type { Option } from '../option.ts';
import { readSwitch } from '../read.ts';

export const APP: { readonly resourceEnv: Option<boolean> } = {
  resourceEnv: {
    flag: 'resource-env',
    takes: null,
    fallback: 'false',
    fallbackWords: 'off',
    group: 'app',
    help: "set GOMAXPROCS, GOMEMLIMIT, NODE_OPTIONS … from the container's limits where they are not set; k8s-run env shows them",
    read: readSwitch,
  },
};
