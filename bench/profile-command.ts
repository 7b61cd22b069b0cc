import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import type { ReceivedSignals } from '../src/boot/signals.ts';
import type { CommandFile } from '../src/cli/command-file.ts';
import { BIN } from '../test/rig/supervised.ts';

/**
 * Runs a command of k8s-run from its sources and writes a profile of it: node profile-command.ts <command> <file> [words…]
 * In this process alone, because what the command starts would be profiled by --cpu-prof as well.
 */
const [name = '', file = '', ...words] = process.argv.slice(2);
const { run } = (await import(`../src/cli/${name}.ts`)) as CommandFile;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 200 });
await session.post('Profiler.start');
/** Not those of main, which would take the SIGPROF of the profiler for one that was sent. */
const signals: ReceivedSignals = {
  deliverTo() {},
  release: async () => {},
  onChildExit: (ended) => void process.on('SIGCHLD', ended),
};
const launch = [process.execPath, BIN];
const code = await run({ words, environment: process.env, signals, commands: {}, launch });
const { profile } = await session.post('Profiler.stop');
writeFileSync(file, JSON.stringify(profile));
process.exit(code);
