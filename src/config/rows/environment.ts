import type { Option } from '../option.ts';
import { listOfOne } from '../read.ts';

export const ENVIRONMENT: {
  readonly envDir: Option<readonly string[]>;
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
};
