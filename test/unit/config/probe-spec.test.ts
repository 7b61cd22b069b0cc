import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseProbe } from '../../../src/config/parse-probe.ts';
import { describeProbe, hostsOf, PROBE_FORMS, type ProbeKind } from '../../../src/config/probe-spec.ts';

test('each kind is read from the form that the help shows', () => {
  for (const [kind, forms] of Object.entries(PROBE_FORMS)) {
    for (const form of forms.replace('grpcs://…', 'grpcs://:1').replaceAll('…', 'host/').split(', ')) {
      const parsed = parseProbe(form);
      assert.equal('ok' in parsed ? parsed.ok.kind : parsed.problem, kind, form);
    }
  }
});

test('docs/reference.md says when a probe of each kind passes', () => {
  const page = readFileSync(new URL('../../../docs/reference.md', import.meta.url), 'utf8');
  for (const kind of Object.keys(PROBE_FORMS) as ProbeKind[]) {
    assert.match(page, new RegExp(`^\\| \`${kind}\\b[^|]* \\| \\S`, 'm'), `no row for ${kind}`);
  }
});

test('a probe is described so that it can be read again, without what may be secret', () => {
  for (const text of [
    'auto',
    'process',
    'none',
    'tcp://:80',
    'tcp://[::1]:80',
    'file:/x',
    'http://[::1]:81/x',
    'h2c://:81/x',
    'grpcs://:82/a.B',
  ]) {
    const parsed = parseProbe(text);
    assert.ok('ok' in parsed);
    assert.equal(describeProbe(parsed.ok), text);
  }
  const described = (text: string): string => {
    const parsed = parseProbe(text);
    return 'ok' in parsed ? describeProbe(parsed.ok) : '';
  };
  assert.equal(described('http://:8080/ready?token=secret'), 'http://:8080/ready');
  assert.equal(described('https:///x'), 'https://:443/x');
  assert.equal(described('exec:check --password secret'), 'exec:check');
});

test('a host that was not given is loopback, IPv4 first', () => {
  assert.deepEqual(hostsOf('loopback'), ['127.0.0.1', '::1']);
  assert.deepEqual(hostsOf('db'), ['db']);
});
