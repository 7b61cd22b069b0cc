import { number } from '../values.ts';
import type { Option } from './row.ts';

export const HEALTH_OPTIONS: {
  readonly healthPort: Option<number | 'off'>;
  readonly healthHost: Option<string>;
} = {
  healthPort: {
    flag: 'health-port',
    takes: '<port>',
    fallback: '20080',
    group: 'health',
    help: 'port of the health server; 0: any free port, which is logged; off: no health server',
    read: (text) => (text === 'off' ? { ok: 'off' } : number(text, 0, 65_535, 'a port from 0 to 65535, or off')),
  },
  healthHost: {
    flag: 'health-host',
    takes: '<address>',
    fallback: '::',
    group: 'health',
    help: 'address of the health server; :: includes IPv4, and becomes 0.0.0.0 where IPv6 is off',
    read: (text) =>
      /^[\w.:%-]+$/.test(text) ? { ok: text } : { problem: 'not an address; write 0.0.0.0, 127.0.0.1 or ::' },
  },
};
