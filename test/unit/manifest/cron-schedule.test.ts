import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCronSchedule } from '../../../src/manifest/cron-schedule.ts';

test('schedules that the controller of CronJobs reads are accepted', () => {
  for (const text of [
    ...['* * * * *', '0 3 * * *', '*/15 0-6,12 1,15 jan-mar MON-fri', '5/10 * ? * 0', '0 0 31 12 6', ' 1  2 3 4 5 '],
    ...['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly', '@every 1h30m', '@every 1.5h'],
  ])
    assert.ok(isCronSchedule(text), text);
});

test('schedules that the API server rejects are refused', () => {
  for (const text of [
    ...['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 13 *', '* * * * 7'],
    ...['*/0 * * * *', '5-1 * * * *', '1-2-3 * * * *', '1/2/3 * * * *', '1, * * * *', 'x * * * *', '-1 * * * *'],
    ...['@reboot', '@every', '@every 1x', 'TZ=UTC 0 3 * * *', '0 3 * jann *', '* * mon * *'],
  ])
    assert.ok(!isCronSchedule(text), text);
});
