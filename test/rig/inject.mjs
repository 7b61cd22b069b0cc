// Causes a fault that k8s-run must contain. It is loaded with --import and ?fault=…&times=…, and patches Node's modules, never
// k8s-run's.
import { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const wanted = new URL(import.meta.url).searchParams;
const key = Number(wanted.get('key'));
let left = Number(wanted.get('times') ?? 1);

/** Makes `owner[name]` call `instead` for the first calls that match, `times` times. */
function patch(owner, name, matches, instead) {
  const original = owner[name];
  owner[name] = function patched(...args) {
    if (left <= 0 || !matches(...args)) return original.apply(this, args);
    left -= 1;
    return instead(() => original.apply(this, args));
  };
}

function fail(code = 'EINJECTED') {
  throw Object.assign(new Error(`injected ${wanted.get('fault')}`), { code });
}

const faults = {
  'connect throws': () =>
    patch(
      net.Socket.prototype,
      'connect',
      ([first]) => first?.port === key,
      () => fail(),
    ),
  'connect throws later': () =>
    patch(
      net.Socket.prototype,
      'connect',
      ([first]) => first?.port === key,
      (proceed) => {
        setImmediate(fail);
        return proceed();
      },
    ),
  'toUTCString throws': () =>
    patch(
      Date.prototype,
      'toUTCString',
      () => true,
      () => fail(),
    ),
  'resume throws': () =>
    patch(
      net.Socket.prototype,
      'resume',
      () => true,
      () => fail(),
    ),
  'the exit of false throws': () => {
    const { emit } = ChildProcess.prototype;
    ChildProcess.prototype.emit = function patched(event, ...args) {
      if (event !== 'exit' || left <= 0 || !this.spawnfile.endsWith('false')) return emit.call(this, event, ...args);
      left -= 1;
      return fail();
    };
  },
  'writeSync throws': () =>
    patch(
      fs,
      'writeSync',
      (fd) => fd >= 2,
      () => fail('EIO'),
    ),
  'toISOString throws': () =>
    patch(
      Date.prototype,
      'toISOString',
      () => true,
      () => fail(),
    ),
  'kill throws': () =>
    patch(
      process,
      'kill',
      (_pid, signal) => signal === key,
      () => fail('EPERM'),
    ),
  'get throws': () =>
    patch(
      Map.prototype,
      'get',
      (wantedKey) => wantedKey === key,
      () => fail(),
    ),
  'groupBy throws': () =>
    patch(
      Map,
      'groupBy',
      () => true,
      () => fail(),
    ),
  // Without node:ffi, which asks the kernel by netlink.
  'no table of connections': () => {
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (name) => (name === 'node:ffi' ? undefined : getBuiltinModule(name));
    patch(
      fs,
      'openSync',
      (path) => /^\/proc\/(\w+\/)?net\/tcp6?$/.test(path),
      () => fail('EACCES'),
    );
  },
  'no abstract socket': () =>
    patch(
      net.Server.prototype,
      'listen',
      (where) => where?.path?.startsWith('\0') === true,
      () => fail('EACCES'),
    ),
  'no loopback port': () =>
    patch(
      net.Server.prototype,
      'listen',
      (where) => where?.host === '127.0.0.1',
      () => fail('EADDRNOTAVAIL'),
    ),
  'an uncaught exception': () => process.on('SIGWINCH', () => fail()),
  'an unhandled rejection': () =>
    process.on('SIGWINCH', () => void Promise.reject(new Error('injected an unhandled rejection'))),
};

faults[wanted.get('fault')]();
syncBuiltinESMExports();
