import { EDGES, LAYERS } from './edges.ts';
import { codeOf, type Import, importsOf, roomOf, type Source } from './sources.ts';
import { START_PATH } from './start-path.ts';

/** A broken rule, as a sentence. */
export type Violation = string;

/** One owner per outside thing. A folder ends in a slash. Each pattern is looked for in the names of what is imported. */
export const IMPORT_OWNERS: readonly { readonly thing: RegExp; readonly owners: readonly string[] }[] = [
  { thing: /^node:child_process$/, owners: ['process/'] },
  { thing: /^execa$/, owners: ['process/'] },
  { thing: /^undici(\/|$)/, owners: ['rehearse/load/undici-client.d.ts', 'rehearse/load/request.ts'] },
  { thing: /^commander$/, owners: ['cli/'] },
  { thing: /^pino$/, owners: ['log/json.ts'] },
  { thing: /^prom-client$/, owners: ['metrics/exposition.ts'] },
  { thing: /^yaml$/, owners: ['config/file/yaml.ts', 'manifest/', 'check/', 'inject/'] },
  { thing: /^diff$/, owners: ['cli/inject-diff.ts'] },
  { thing: /^node:http2$/, owners: ['probe/http2.ts'] },
  // The health server and the probes speak HTTP by themselves, and undici brings its own client.
  { thing: /^node:http$/, owners: ['otlp/post.ts', 'otlp/secure-request.ts'] },
  { thing: /^node:https$/, owners: ['otlp/secure-request.ts'] },
  { thing: /^@opentelemetry\//, owners: ['otlp/serialize.ts'] },
  // One process, and no way around the owners below.
  { thing: /^node:(process|timers|timers\/promises|module|cluster|worker_threads)$/, owners: [] },
  {
    thing:
      /^(?!node:|\.)(?!(execa|commander|diff|pino|prom-client|yaml)$)(?!undici(\/|$))(?!@opentelemetry\/)[\w@(].*(?<!\.ts|\.json)$/,
    owners: [],
  },
];

/** The same for what code does without an import. */
export const CODE_OWNERS: readonly { readonly thing: RegExp; readonly owners: readonly string[] }[] = [
  { thing: /\bprocess\.(on|once|addListener|prependListener)\((?!["']uncaughtException)/, owners: ['boot/signals.ts'] },
  { thing: /\bprocess\.(on|once)\(["']uncaughtException/, owners: ['fault-domain.ts'] },
  // The preload is of another process: the app's.
  {
    thing: /\bprocess\.(env|argv)\b/,
    owners: ['main.ts', 'boot/reexec.ts', 'cli/called-as.ts', 'node-drain/preload.ts'],
  },
  { thing: /\bprocess\.(exit|exitCode|abort|reallyExit)\b(?!\.code["'])/, owners: ['main.ts'] },
  { thing: /\bprocess\.execve\b/, owners: ['main.ts', 'boot/reexec.ts'] },
  // The signals of a command that has its default actions back are its own.
  { thing: /\bprocess\.kill\b/, owners: ['process/', 'boot/signals.ts'] },
  // To touch them sets O_NONBLOCK on what the app shares, which then loses output.
  { thing: /\bprocess\.(stdin|stdout|stderr)\b|\bconsole\./, owners: [] },
  // A socket's own time-out decides nothing; `socket.setTimeout` is not meant. Signals are waited for until a turn of the event loop, and no time.
  {
    thing: /(?<![.\w])set(Timeout|Interval|Immediate)\(|\bAbortSignal\.timeout\(/,
    owners: ['clock.ts', 'node-drain/preload.ts', 'boot/signals.ts'],
  },
  { thing: /\bperformance\.now\(/, owners: ['clock.ts'] },
  // The wall clock is for the eyes of readers only.
  { thing: /\bDate\.now\(|\bnew Date\(\)/, owners: ['log/log.ts', 'health/response-text.ts'] },
  { thing: /["'`]\/(proc(?!\/self\/fd\/)|sys)\b/, owners: ['linux/'] },
  // A pipe or a terminal can be opened a second time, with flags of its own, only through here.
  { thing: /["'`]\/proc\/self\/fd\//, owners: ['log/sink.ts', 'linux/terminal.ts'] },
  // node:ffi is experimental, and asked for where it may be missing.
  { thing: /\bgetBuiltinModule\b/, owners: ['linux/ffi.ts'] },
  { thing: /\brequire\(|\beval\(|\bprocess\.binding\b/, owners: [] },
];

export const isOwner = (owner: string, path: string): boolean =>
  owner.endsWith('/') ? path.startsWith(owner) : path === owner;

export function violationsOf(sources: readonly Source[]): readonly Violation[] {
  const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
  return [
    ...sources.flatMap((source) => [
      ...(imports.get(source.path) ?? []).flatMap((each) => [
        ...(isOutside(each, imports) || mayImport(source.path, each)
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
    ...roomsWithoutLayer(sources),
    ...cycles(new Map([...imports].map(([path, list]) => [path, list.filter(({ kind }) => kind !== 'type')]))),
    ...early(imports),
    ...sources.flatMap(longParameterLists),
    ...widelyConnected(imports),
    ...signalsFirst(imports),
  ];
}

/** Neither of src/ nor meant to be: node:fs, a package. */
function isOutside({ to }: Import, imports: ReadonlyMap<string, unknown>): boolean {
  return !imports.has(to) && !to.startsWith('..') && !to.endsWith('.ts');
}

function mayImport(path: string, { kind, to }: Import): boolean {
  if (path === 'version.ts' && to === '../package.json') return true;
  const [from, room] = [roomOf(path), roomOf(to)];
  // A file at the top is a room by itself; nothing else may stand there.
  if (from === room) return path.includes('/');
  const { code = [], types = [] } = EDGES[from] ?? {};
  return code.includes(room) || (kind === 'type' && types.includes(room));
}

function roomsWithoutLayer(sources: readonly Source[]): readonly Violation[] {
  const known = new Set(LAYERS.flat());
  const rooms = new Set(sources.map(({ path }) => roomOf(path)));
  return [...rooms].filter((room) => !known.has(room)).map((room) => `${room} is in no layer of edges.ts`);
}

/** Edges of the table that lead upward or sideways, that name a room twice, or that no file uses any more. */
export function faultyEdges(
  sources: readonly Source[],
  edges: typeof EDGES = EDGES,
  layers: typeof LAYERS = LAYERS,
): readonly Violation[] {
  const layerOf = (room: string): number => layers.findIndex((layer) => layer.includes(room));
  const used = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const { kind, to } of importsOf(source)) {
      const key = `${roomOf(source.path)} → ${roomOf(to)}`;
      used.set(key, (used.get(key) ?? new Set()).add(kind === 'type' ? 'type' : 'code'));
    }
  }
  return Object.entries(edges).flatMap(([from, { code = [], types = [] }]) =>
    [...code.map((to) => ['code', to] as const), ...types.map((to) => ['type', to] as const)].flatMap(([kind, to]) => [
      ...(layerOf(to) > layerOf(from) ? [] : [`${from} → ${to} does not lead to a lower layer`]),
      ...(kind === 'type' && code.includes(to) ? [`${from} → ${to} stands twice`] : []),
      ...(used.get(`${from} → ${to}`)?.has(kind) ? [] : [`${from} → ${to} (${kind}) is used by no file`]),
    ]),
  );
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
 * A TERM that comes before boot/signals.ts has run is lost to PID 1, so nothing runs before it but boot/reexec.ts, which would
 * lose the signals that boot/signals.ts has caught.
 */
function signalsFirst(imports: ReadonlyMap<string, readonly Import[]>): readonly Violation[] {
  const loaded = (imports.get('main.ts') ?? []).filter(({ kind }) => kind === 'static').map(({ to }) => to);
  const order = ['boot/reexec.ts', 'boot/signals.ts'];
  const wrong = order.findIndex((to, index) => loaded[index] !== to);
  return wrong < 0 ? [] : [`main.ts must import ${order[wrong]} before ${loaded[wrong]}`];
}

/** What is loaded before the app starts costs its start: only the files of start-path.ts, no library and no HTTP. */
function early(imports: ReadonlyMap<string, readonly Import[]>): readonly Violation[] {
  const listed = startPath();
  return [...loadedEarly(imports)].flatMap((path) =>
    (imports.get(path) ?? [])
      .filter(({ kind, to }) => kind === 'static' && !listed.has(to) && !LIGHT.test(to))
      .map(({ to }) => `${path} loads ${to} before the app starts; import it lazily, or add it to start-path.ts`),
  );
}

/** Node's own modules, but not those for HTTP. */
const LIGHT = /^node:(?!https?$|http2$)|package\.json$/;

function startPath(): ReadonlySet<string> {
  return new Set(Object.entries(START_PATH).flatMap(([folder, names]) => names.map((name) => folder + name)));
}

/** Each file that main.ts reaches by static imports. */
function loadedEarly(imports: ReadonlyMap<string, readonly Import[]>): ReadonlySet<string> {
  const loaded = new Set(['main.ts']);
  for (const path of loaded) {
    for (const { kind, to } of imports.get(path) ?? []) if (kind === 'static' && imports.has(to)) loaded.add(to);
  }
  return loaded;
}

/** More than these are one object, whose keys say at the call what each is. */
const MOST_PARAMETERS = 4;

/** Functions with too many parameters, found in code without types: parentheses before a body or an arrow. */
function longParameterLists(source: Source): readonly Violation[] {
  const code = codeOf(source);
  return [...code.matchAll(/(?:(\w+)=(?:async)?|(\w+))?\(/g)].flatMap(({ 0: all, 1: arrow, 2: name, index }) => {
    const { parameters, rest } = parametersAt(code, index + all.length);
    const isFunction = /^(=>|\{)/.test(rest) && !/^(if|for|while|switch|catch|with)$/.test(name ?? '');
    return isFunction && parameters > MOST_PARAMETERS
      ? [`${source.path} has ${arrow ?? name ?? 'a function'} with ${parameters} parameters; take one object`]
      : [];
  });
}

/** How many parts there are between commas up to the closing parenthesis, and what comes after it. */
function parametersAt(code: string, begin: number): { readonly parameters: number; readonly rest: string } {
  let depth = 0;
  let commas = 0;
  for (let at = begin; at < code.length; at += 1) {
    const character = code[at] ?? '';
    if ('([{'.includes(character)) depth += 1;
    else if (character === ',' && depth === 0) commas += 1;
    else if (')]}'.includes(character)) {
      if (depth === 0) return { parameters: commas + 1, rest: code.slice(at + 1, at + 3) };
      depth -= 1;
    }
  }
  return { parameters: 0, rest: '' };
}

/** Other rooms that one file may import, types included; the files at the top, which are small tools, do not count. */
const MOST_ROOMS = 6;
/** Files whose purpose is to connect rooms, and how many each may know. */
export const CONNECTING_FILES: ReadonlyMap<string, number> = new Map([
  ['run.ts', 11],
  ['supervisor/supervise.ts', 12],
  ['supervisor/deferred-effects.ts', 9],
  ['supervisor/health-wiring.ts', 9],
]);

function widelyConnected(imports: ReadonlyMap<string, readonly Import[]>): readonly Violation[] {
  return [...imports.keys()].flatMap((path) => {
    const [rooms, most] = [roomsOf(path, imports), CONNECTING_FILES.get(path) ?? MOST_ROOMS];
    return rooms.size <= most
      ? []
      : [`${path} imports ${rooms.size} rooms (${[...rooms].sort().join(', ')}), and may import ${most}`];
  });
}

/** The other rooms that a file imports, without the files at the top. */
function roomsOf(path: string, imports: ReadonlyMap<string, readonly Import[]>): ReadonlySet<string> {
  const own = imports.get(path) ?? [];
  const rooms = own.filter(({ to }) => imports.has(to) && to.includes('/')).map(({ to }) => roomOf(to));
  return new Set(rooms.filter((room) => room !== roomOf(path)));
}

/** Connecting files that import fewer rooms than their limit. */
export function looseLimits(sources: readonly Source[]): readonly string[] {
  const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
  return [...CONNECTING_FILES]
    .filter(([path, most]) => roomsOf(path, imports).size < most || most <= MOST_ROOMS)
    .map(([path]) => path);
}

/** Files of start-path.ts that are not loaded before the app starts. */
export function unusedInStartPath(sources: readonly Source[]): readonly string[] {
  const loaded = loadedEarly(new Map(sources.map((source) => [source.path, importsOf(source)])));
  return [...startPath()].filter((path) => !loaded.has(path));
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
