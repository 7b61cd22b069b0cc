import { codeOf, type Import, importsOf, roomOf, type Source } from './sources.ts';

/** A broken rule, as a sentence. */
export type Violation = string;

/** Files at the top that are no composition: what each may import of src/. */
const TOP: Readonly<Record<string, { readonly static: RegExp; readonly type: RegExp; readonly lazy: RegExp }>> = {
  'main.ts': { static: /^(start-over|signals|run|shield)\.ts$/, type: /^$/, lazy: /^run\.ts$/ },
  'start-over.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'shield.ts': { static: /^start-over\.ts$/, type: /^$/, lazy: /^$/ },
  'supervisor.ts': { static: /^lifecycle\//, type: /^(lifecycle\/|clock\.ts$)/, lazy: /^$/ },
  'signals.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'clock.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'counters.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'containment.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'ffi.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
  'version.ts': { static: /^$/, type: /^$/, lazy: /^$/ },
};
/** run.ts and the parts that were cut out of it: they introduce the rooms to each other, and so may import any. */
const COMPOSITION: readonly string[] = [
  'run.ts',
  'supervision.ts',
  'app.ts',
  'budgeting.ts',
  'counting.ts',
  'probing.ts',
  'orphans.ts',
  'status.ts',
  'policy.ts',
  'tally.ts',
  'telling.ts',
  'metering.ts',
  'scrape.ts',
  'farewell.ts',
  'environment.ts',
  'errands.ts',
  'hooks.ts',
  'dependencies.ts',
  'pressure.ts',
  'report.ts',
  'resource-env.ts',
  'last-words.ts',
  'ending.ts',
];

/** What it loads lazily is a command, one file each. */
const REGISTRY = 'cli/commands.ts';

/** One owner per outside thing. A folder ends in a slash. Each pattern is looked for in the names of what is imported. */
export const IMPORT_OWNERS: readonly { readonly thing: RegExp; readonly owners: readonly string[] }[] = [
  { thing: /^node:child_process$/, owners: ['process/'] },
  { thing: /^execa$/, owners: ['process/'] },
  { thing: /^undici(\/|$)/, owners: ['probe/http.ts', 'probe/undici-client.d.ts', 'rehearse/load/request.ts'] },
  { thing: /^commander$/, owners: ['cli/'] },
  { thing: /^pino$/, owners: ['log/json.ts'] },
  { thing: /^prom-client$/, owners: ['health/exposition.ts'] },
  { thing: /^yaml$/, owners: ['config/document.ts', 'manifest/document.ts', 'check/'] },
  { thing: /^node:http2$/, owners: ['probe/grpc.ts'] },
  { thing: /^node:https?$/, owners: ['health/server.ts'] },
  // One process, and no way around the owners below.
  { thing: /^node:(process|timers|timers\/promises|module|cluster|worker_threads)$/, owners: [] },
  {
    thing: /^(?!node:|\.)(?!(execa|commander|pino|prom-client|yaml)$)(?!undici(\/|$))[\w@(].*(?<!\.ts|\.json)$/,
    owners: [],
  },
];

/** The same for what code does without an import. */
export const CODE_OWNERS: readonly { readonly thing: RegExp; readonly owners: readonly string[] }[] = [
  { thing: /\bprocess\.(on|once|addListener|prependListener)\((?!["']uncaughtException)/, owners: ['signals.ts'] },
  { thing: /\bprocess\.(on|once)\(["']uncaughtException/, owners: ['containment.ts'] },
  { thing: /\bprocess\.(env|argv)\b/, owners: ['main.ts', 'start-over.ts'] },
  { thing: /\bprocess\.(exit|exitCode|abort|reallyExit)\b/, owners: ['main.ts'] },
  { thing: /\bprocess\.execve\b/, owners: ['main.ts', 'start-over.ts'] },
  { thing: /\bprocess\.kill\b/, owners: ['process/'] },
  // To touch them sets O_NONBLOCK on what the app shares, which then loses output.
  { thing: /\bprocess\.(stdin|stdout|stderr)\b|\bconsole\./, owners: [] },
  // A socket's own time-out decides nothing; `socket.setTimeout` is not meant.
  { thing: /(?<![.\w])set(Timeout|Interval|Immediate)\(|\bAbortSignal\.timeout\(/, owners: ['clock.ts'] },
  { thing: /\bperformance\.now\(/, owners: ['clock.ts'] },
  // The wall clock is for the eyes of readers only.
  { thing: /\bDate\.now\(|\bnew Date\(\)/, owners: ['log/log.ts'] },
  { thing: /["'`]\/(proc(?!\/self\/fd\/)|sys)\b/, owners: ['container/'] },
  // A pipe can be opened a second time, with flags of its own, only through here.
  { thing: /["'`]\/proc\/self\/fd\//, owners: ['log/sink.ts'] },
  // node:ffi is experimental, and asked for where it may be missing.
  { thing: /\bgetBuiltinModule\b/, owners: ['ffi.ts'] },
  { thing: /\brequire\(|\beval\(|\bprocess\.binding\b/, owners: [] },
];

export const isOwner = (owner: string, path: string): boolean =>
  owner.endsWith('/') ? path.startsWith(owner) : path === owner;

export function violationsOf(sources: readonly Source[]): readonly Violation[] {
  const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
  const commands = new Set((imports.get(REGISTRY) ?? []).filter(({ kind }) => kind === 'lazy').map(({ to }) => to));
  const isLeaf = (path: string): boolean =>
    imports.get(path)?.every(({ to }) => !imports.has(to)) ?? path === '../package.json';
  return [
    ...sources.flatMap((source) => [
      ...(imports.get(source.path) ?? []).flatMap((each) => [
        ...(isForeign(each, imports) ||
        mayImport(source.path, each, isLeaf) ||
        (commands.has(source.path) && isRoomOf(each))
          ? []
          : [`${source.path} must not import ${each.to} (${each.kind})`]),
        ...IMPORT_OWNERS.filter(
          ({ thing, owners }) => thing.test(each.to) && !owners.some((o) => isOwner(o, source.path)),
        )
          .map(() => `${source.path} does not own ${each.to}`)
          .slice(0, 1),
      ]),
      ...CODE_OWNERS.filter(({ owners }) => !owners.some((owner) => isOwner(owner, source.path))).flatMap(
        ({ thing }) => {
          const found = thing.exec(codeOf(source));
          return found === null ? [] : [`${source.path} does not own ${found[0]}`];
        },
      ),
    ]),
    ...cycles(new Map([...imports].map(([path, list]) => [path, list.filter(({ kind }) => kind !== 'type')]))),
    ...cycles(roomsOf(imports)),
    ...early(imports),
    ...signalsFirst(imports),
  ];
}

/** A command reads its words and calls the rooms that it is about; lifecycle stays between the supervisor and itself. */
function isRoomOf({ to }: Import): boolean {
  const room = roomOf(to);
  return room !== null && room !== 'lifecycle';
}

/** Neither of src/ nor meant to be: node:fs, a package. */
function isForeign({ to }: Import, imports: ReadonlyMap<string, unknown>): boolean {
  return !imports.has(to) && !to.startsWith('..') && !to.endsWith('.ts');
}

function mayImport(path: string, { kind, to }: Import, isLeaf: (path: string) => boolean): boolean {
  const room = roomOf(path);
  if (room === null) {
    if (path === 'version.ts' && to === '../package.json') return true;
    return COMPOSITION.includes(path) ? to !== 'main.ts' : (TOP[path]?.[kind].test(to) ?? false);
  }
  if (roomOf(to) === room) return true;
  if (room === 'lifecycle') return false;
  if (roomOf(to) === 'lifecycle') return kind === 'type';
  if (room === 'cli' && (kind === 'type' || roomOf(to) === 'config')) return true;
  return isLeaf(to);
}

/** lifecycle/ imports nothing at all but itself, Node's modules included. */
export function impureImports(sources: readonly Source[]): readonly Violation[] {
  return sources
    .filter(({ path }) => roomOf(path) === 'lifecycle')
    .flatMap((source) => importsOf(source).map(({ to }) => ({ path: source.path, to })))
    .filter(({ to }) => roomOf(to) !== 'lifecycle')
    .map(({ path, to }) => `${path} is pure and must not import ${to}`);
}

/**
 * A TERM that comes before signals.ts has run is lost to PID 1, so nothing runs before it, but for what would lose those
 * that signals.ts has taken.
 */
function signalsFirst(imports: ReadonlyMap<string, readonly Import[]>): readonly Violation[] {
  const loaded = (imports.get('main.ts') ?? []).filter(({ kind }) => kind === 'static').map(({ to }) => to);
  const order = ['start-over.ts', 'signals.ts'];
  const wrong = order.findIndex((to, index) => loaded[index] !== to);
  return wrong < 0 ? [] : [`main.ts must import ${order[wrong]} before ${loaded[wrong]}`];
}

/** What is loaded before the app starts costs its start: no library, and no HTTP, may be among it. */
function early(imports: ReadonlyMap<string, readonly Import[]>): readonly Violation[] {
  const loaded = new Set(['main.ts', 'run.ts']);
  const found: Violation[] = [];
  for (const path of loaded) {
    for (const { kind, to } of imports.get(path) ?? []) {
      if (kind !== 'static') continue;
      if (imports.has(to)) loaded.add(to);
      else if (!/^node:(?!https?$|http2$)|package\.json$/.test(to))
        found.push(`${path} loads ${to} before the app starts`);
    }
  }
  return found;
}

function roomsOf(imports: ReadonlyMap<string, readonly Import[]>): ReadonlyMap<string, readonly { to: string }[]> {
  const rooms = new Map<string, { to: string }[]>();
  for (const [path, list] of imports) {
    const room = roomOf(path);
    if (room === null) continue;
    const others = list.flatMap(({ to }) => (imports.has(to) ? (roomOf(to) ?? []) : [])).filter((to) => to !== room);
    rooms.set(room, [...(rooms.get(room) ?? []), ...others.map((to) => ({ to }))]);
  }
  return rooms;
}

/** Each way that leads back to where it came from, once. */
function cycles(graph: ReadonlyMap<string, readonly { readonly to: string }[]>): readonly Violation[] {
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) found.push(`import cycle: ${[...way.slice(way.indexOf(node)), node].join(' → ')}`);
    if (done.has(node)) return;
    done.add(node);
    for (const { to } of graph.get(node) ?? []) visit(to, [...way, node]);
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}
