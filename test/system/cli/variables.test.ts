import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, lastLine } from '../../rig/finished.ts';
import { startPuppet } from '../../rig/puppet.ts';
import { cleanEnvironment } from '../../rig/supervised.ts';

const withVariables = (variables: Record<string, string>) => ({ env: { ...cleanEnvironment(), ...variables } });

test('K8S_RUN_… variables have the same effect as the options', async () => {
  const how = withVariables({
    K8S_RUN_STOP_SIGNAL: 'quit',
    K8S_RUN_SHUTDOWN_DELAY: '0',
    K8S_RUN_REMAP_EXIT: '7:8, 9:10',
    K8S_RUN_REWRITE: 'HUP:USR1,WINCH:0',
  });
  await using run = await startPuppet([], how);
  await run.puppet.tell({ do: 'catch', signals: ['SIGUSR1', 'SIGHUP', 'SIGTERM'] });
  await run.puppet.tell({ do: 'exitOn', signal: 'SIGQUIT', code: 9 });
  run.kill('SIGHUP');
  await run.puppet.received('SIGUSR1');
  run.kill('SIGTERM');
  assert.equal((await run.ended()).code, 10);
  assert.deepEqual(run.puppet.signals(), ['SIGUSR1']);
});

test('an option wins over its variable, and a repeatable one replaces all values of the variable', async () => {
  const how = withVariables({ K8S_RUN_REMAP_EXIT: '3:4,5:6', K8S_RUN_HEALTH_PORT: 'nonsense' });
  assert.equal((await finish(['--health-port', '0', '--remap-exit', '7:8'], ['sh', '-c', 'exit 3'], how)).code, 3);
});

test('the variable of a switch takes true and false', async () => {
  for (const [value, group] of [
    ['true', 'shared'],
    ['false', 'own'],
  ] as const) {
    await using run = await startPuppet([], withVariables({ K8S_RUN_INTERACTIVE: value }));
    const { pid, stat } = await run.puppet.tell<{ pid: number; stat: string }>({ do: 'describe' });
    const [, , its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    assert.equal(Number(its) === pid ? 'own' : 'shared', group);
  }
});

test('an unknown K8S_RUN_… variable is a warning with a guess, never an error', async () => {
  const run = await finish(
    [],
    ['true'],
    withVariables({ K8S_RUN_GRACEE: '5s', K8S_RUN_FAVOURITE_COLOUR_OF_ALL: 'blue' }),
  );
  assert.equal(run.code, 0);
  const warnings = run.lines.filter(({ event }) => event === 'warning');
  assert.ok(warnings.every(({ level }) => level === 'warn'));
  const text = warnings.map(({ msg }) => msg).join('\n');
  assert.match(text, /K8S_RUN_GRACEE .*did you mean K8S_RUN_GRACE\?/);
  assert.match(text, /K8S_RUN_FAVOURITE_COLOUR_OF_ALL/);
  assert.ok(!text.includes('blue'), 'the value must not be in the log');
  assert.equal(lastLine(run).event, 'exited');
});

test('the links of a Service named k8s-run-health or k8s-run are ignored without a warning', async () => {
  const links = {
    K8S_RUN_HEALTH_SERVICE_HOST: '10.0.0.7',
    K8S_RUN_HEALTH_SERVICE_PORT: '20080',
    K8S_RUN_HEALTH_SERVICE_PORT_HTTP: '20080',
    K8S_RUN_HEALTH_PORT: 'tcp://10.0.0.7:20080',
    K8S_RUN_HEALTH_PORT_20080_TCP: 'tcp://10.0.0.7:20080',
    K8S_RUN_HEALTH_PORT_20080_TCP_PROTO: 'tcp',
    K8S_RUN_HEALTH_PORT_20080_TCP_PORT: '20080',
    K8S_RUN_HEALTH_PORT_20080_TCP_ADDR: '10.0.0.7',
    K8S_RUN_SERVICE_HOST: '10.0.0.8',
    K8S_RUN_PORT: 'udp://10.0.0.8:53',
  };
  const run = await finish([], ['true'], withVariables(links));
  assert.equal(run.code, 0);
  assert.ok(!run.events.includes('warning'), run.stderr);
});
