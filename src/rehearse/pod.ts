import { clock } from '../clock.ts';
import type { Check } from './container-health.ts';
import { newStory, type Story, type Way } from './facts.ts';
import { type LogLine, readLine } from './log-line.ts';
import type { Environment, Outside } from './outside.ts';
import type { Refusal } from './refusal.ts';
import { sleep } from './sleep.ts';

/** The processes that stand for a pod: the app, and k8s-run before it. */
export type Pod = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly story: Story;
  /** The app's own process; null while there is none. */
  readonly app: () => number | null;
  /** The port on which its k8s-run answers; null while that is not known. */
  readonly health: () => number | null;
  readonly exited: Promise<void>;
  readonly isOver: () => boolean;
  /** What the kubelet sends first: SIGTERM to the container's first process. */
  readonly terminate: () => void;
  readonly kill: () => void;
  /** Why its k8s-run could not start the app; null where it could. */
  readonly failure: () => string | null;
  /** Of the kubelet's probes those that failed when they were last asked. */
  readonly refusals: Map<Check, Refusal>;
  /** The last lines that the app printed. */
  readonly lines: () => readonly string[];
};

export type PodPlan = {
  readonly way: Way;
  readonly name: string;
  readonly port: number;
  readonly words: readonly string[];
  /** Whether the app is the first process of a namespace, and its parent, which started it there, is not its own. */
  readonly isFirst: boolean;
  readonly environment: Environment;
  /** Milliseconds since the side began. */
  readonly now: () => number;
  /** Something happened to it: a line for who follows. */
  readonly told: (story: Story, what: string) => void;
};

const SIGTERM = 15;
/** Of the grace. */
const MOSTLY = 0.8;
/** The last words of an app are enough to say why it died. */
const LAST_LINES = 12;
const LONGEST = 300;
/** Milliseconds between two looks for the first process of a namespace. */
const LOOK_EVERY = 20;

/** Starts one, or says why it cannot be started. */
export async function startPod(plan: PodPlan, outside: Outside): Promise<Pod | { readonly detail: string }> {
  const { way, now, told } = plan;
  const story = newStory(plan.name, plan.port);
  const last: string[] = [];
  let app: number | null = null;
  let health: number | null = null;
  let failure: string | null = null;
  let over = false;
  const happened = (what: string): void => told(story, what);

  /** Who still listens when its time is all but over did not hear the signal. */
  const lookOnce = (delay: number): void => {
    clock.after(delay, () => {
      const target = itself();
      if (!over && target !== null) story.deaf = outside.listening(target)?.includes(plan.port) ?? null;
    });
  };
  /** Notes what its k8s-run says; gives what should be told of it. */
  const heard = (line: LogLine): string | null => {
    switch (line.event) {
      case 'starting':
        health = Number(/:(\d+)$/.exec(String(line['health']))?.[1] ?? 0) || null;
        return null;
      case 'spawned':
        app = Number(line['pid']);
        outside.guard.add(app);
        return null;
      case 'terminating':
        story.draining = now();
        return 'readiness fails, and the pause begins';
      case 'stopping':
        story.signalled = now();
        story.signal = String(line['signal']);
        lookOnce(Number(line['graceMs']) * MOSTLY);
        return `the app gets ${story.signal}`;
      case 'killing':
        if (line['why'] === 'grace over') story.killed ??= { at: now(), by: 'k8s-run' };
        return line.msg;
      case 'leftovers':
        story.appEnded ??= now();
        story.leftovers.push(...namesOf(line['leftovers']));
        return line.msg;
      case 'exited':
        story.appEnded ??= now();
        if (app !== null) outside.guard.remove(app);
        if (line.level !== 'error') return null;
        failure = String(line['reason'] ?? line.msg);
        return null;
      case 'mistake':
        failure = failure === null ? line.msg : `${failure}; ${line.msg}`;
        return null;
      case 'warning':
        if (story.remarks.length < LAST_LINES) story.remarks.push(line.msg);
        return line.msg;
      default:
        return null;
    }
  };
  const printed = (line: string): void => {
    const { logged, own } = readLine(line);
    const news = logged !== null && way === 'k8s-run' ? heard(logged) : null;
    if (news !== null) happened(news);
    const said = way === 'k8s-run' ? own : line;
    if (said.trim() === '') return;
    last.push(said.slice(0, LONGEST));
    if (last.length > LAST_LINES) last.shift();
  };

  const started = await outside.start(plan.words, plan.environment, printed);
  if ('detail' in started) return started;
  story.started = now();
  outside.guard.add(started.pid);
  if (way !== 'k8s-run' && !plan.isFirst) app = started.pid;
  const itself = (): number | null => app ?? (plan.isFirst ? outside.childOf(started.pid) : null);
  const exited = started.exited.then((exit) => {
    over = true;
    outside.guard.remove(started.pid);
    story.ended = now();
    story.appEnded ??= story.ended;
    story.exitCode = exit.kind === 'code' ? exit.code : 128 + exit.signal;
    happened(`gone, exit code ${story.exitCode}`);
  });
  // A container runs once its first process does; the one before that, which makes the namespace, would die of a signal.
  while (plan.isFirst && !over && itself() === null) await sleep(LOOK_EVERY);
  const { pid } = started;
  return {
    name: plan.name,
    host: '127.0.0.1',
    port: plan.port,
    pid,
    story,
    app: itself,
    health: () => health,
    exited,
    isOver: () => over,
    failure: () => failure,
    refusals: new Map(),
    lines: () => last,
    terminate() {
      if (over) return;
      const target = itself();
      const disposition = target === null ? null : outside.disposition(target, SIGTERM);
      if (disposition !== null && disposition !== 'caught') story.deaf = true;
      if (way === 'k8s-run') {
        started.signal(SIGTERM);
        return;
      }
      story.signalled = now();
      story.signal = 'SIGTERM';
      happened('the app gets SIGTERM');
      // pid_namespaces(7): to the first process of a container only those signals come that it has a handler for.
      if (plan.isFirst && target !== null) outside.signal(target, SIGTERM);
      else if (way !== 'alone' || disposition !== 'default') started.signal(SIGTERM);
    },
    kill() {
      started.kill();
      if (way === 'k8s-run' && app !== null && story.appEnded === null) outside.killGroup(app);
    },
  };
}

function namesOf(leftovers: unknown): readonly string[] {
  if (!Array.isArray(leftovers)) return [];
  return leftovers.map((each: unknown) =>
    typeof each === 'object' && each !== null && 'program' in each ? String(each.program) : 'a process',
  );
}
