import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptance } from '../../../src/health/accept.ts';
import { wantsPage } from '../../../src/health/render.ts';

const CHROME =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';
const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const wants = (accept: string, target = '/statusz', method = 'GET'): boolean => wantsPage({ method, target, accept });

test('a client that wants HTML more than JSON gets the page, and any other JSON', () => {
  for (const accept of [
    CHROME,
    FIREFOX,
    'text/html',
    'TEXT/HTML',
    'text/*',
    'text/html;charset=utf-8',
    'text/html ; q=0.5',
    'text/html;Q=0.5, application/json;q=0.4',
    'application/json;q=0, */*;q=0.1',
    'application/json;q=0.1, text/*;q=0.2, */*;q=0.9',
    ',,text/html,',
  ])
    assert.equal(wants(accept), true, accept);
  for (const accept of [
    '',
    '   ',
    '*/*',
    'application/json',
    'application/*',
    'application/json, text/html',
    'text/html, application/json',
    'text/html;q=0.9, application/json',
    'text/html;q=0, */*',
    'text/*;q=0, text/plain, application/json;q=0.1',
    'text/html;level=1',
    'text/html;q=2',
    'text/html;q=-1',
    'text/html;q=NaN',
    'text/html;q=0.0001',
    'text/html;q=',
    'text/htmlx',
    'text',
    ';q=1',
    'image/*',
    'application/json, text/plain, */*',
    'text/html;q=0.5, */*;q=0.5',
  ])
    assert.equal(wants(accept), false, accept);
});

test('only GET and HEAD of /statusz have a page', () => {
  assert.equal(wants(FIREFOX, '/statusz?refresh=2', 'HEAD'), true);
  assert.equal(wants(FIREFOX, 'http://pod:20080/statusz'), true);
  assert.equal(wants(FIREFOX, '/statusz', 'POST'), false);
  for (const target of ['/readyz', '/statusz/', '/', '/metrics']) assert.equal(wants(FIREFOX, target), false, target);
});

test('the most specific range decides, wherever it stands, and a name is told from a wildcard', () => {
  assert.deepEqual(acceptance('*/*, text/*;q=0.3, text/plain;q=0.2', 'text/plain'), { weight: 0.2, named: true });
  assert.deepEqual(acceptance('text/plain;q=0.2, text/*;q=0.3, */*', 'text/html'), { weight: 0.3, named: false });
  assert.deepEqual(acceptance('text/plain;q=0.2, text/plain;q=0.7', 'text/plain'), { weight: 0.7, named: true });
  assert.deepEqual(acceptance('image/png', 'text/html'), { weight: 0, named: false });
  assert.deepEqual(acceptance('', 'text/html'), { weight: 1, named: false });
});

test('a header of 8 KiB takes no longer than its length', () => {
  for (const part of ['text/html;', 'text/html,', ';q=0', '*/*;q=1,', ' ', '"'])
    assert.equal(typeof acceptance(part.repeat(8_192 / part.length), 'text/html').weight, 'number');
});
