import { DRAIN_ENDS, KILL_REASONS, SIGNAL_OUTCOMES, SKIP_REASONS } from '../../src/log/event-values.ts';
import { LOG_EVENTS } from '../../src/log/events.ts';
import { code, table } from './blocks.ts';

/** More fields than a cell of a table can show. */
const MANY_FIELDS = 7;
const EVENTS = Object.entries(LOG_EVENTS);

/** Every event, with its levels, when it is written, and its fields; a table of its own for an event with many of them. */
export function eventTable(): string {
  const rows = EVENTS.map(([event, { levels, when, fields }]) => [
    code(event),
    levels.join(', '),
    when,
    fieldCell(event, fields),
  ]);
  const many = EVENTS.filter(([, { fields }]) => hasMany(fields));
  return [
    table(['event', 'level', 'when', 'fields'], rows),
    ...many.map(([event, { fields }]) => `### Fields of ${event}\n\n${valueTable('field', fields)}`),
  ].join('\n\n');
}

function fieldCell(event: string, fields: Readonly<Record<string, string>>): string {
  if (hasMany(fields)) return `[fields of ${event}](#fields-of-${event})`;
  return Object.entries(fields)
    .map(([field, meaning]) => `${code(field)}: ${meaning}`)
    .join('; ');
}

function hasMany(fields: Readonly<Record<string, string>>): boolean {
  return Object.keys(fields).length > MANY_FIELDS;
}

/** The values of the fields that have a list of them. */
export function eventValueTables(): string {
  return [
    section('Outcomes of a signal', '`outcome` of `signal`:', SIGNAL_OUTCOMES),
    section('Reasons to skip the delay', '`delaySkipped` of `stopping` and of `/statusz`:', SKIP_REASONS),
    section('Ends of the drain', '`waitEnded` of `stopping` and of `/statusz`:', DRAIN_ENDS),
    section('Reasons to kill', '`why` of `killing`:', KILL_REASONS),
  ].join('\n\n');
}

function section(heading: string, what: string, values: Readonly<Record<string, string>>): string {
  return `### ${heading}\n\n${what}\n\n${valueTable('value', values)}`;
}

export function valueTable(head: string, values: Readonly<Record<string, string>>): string {
  return table(
    [head, 'meaning'],
    Object.entries(values).map(([value, meaning]) => [code(value), meaning]),
  );
}
