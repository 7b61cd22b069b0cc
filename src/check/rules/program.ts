import { programNamed, programOfImage, recognize } from '../../programs/recognize.ts';
import { adviceFor } from '../../programs/stop-advice.ts';
import { type Finding, findingAt } from '../finding.ts';
import { field, isSet, itemsOf, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/** Whether a known program behind k8s-run gets the signal on which it stops in order. */
export function programRules({ containers }: Workload): readonly Finding[] {
  return containers.flatMap(programSignal);
}

function programSignal({ node, name, entrypoint }: Container): readonly Finding[] {
  if (entrypoint.kind !== 'k8s-run' || entrypoint.options.hasConfigFile || entrypoint.unknownValues.length > 0)
    return [];
  const { options, command, evidence } = entrypoint;
  const image = programOfImage(textOf(field(node, 'image')) ?? '');
  const found = recognize(command) ?? (image === null ? null : programNamed(image.names[0] ?? ''));
  if (found === null || options.stopOn.length === 0) return [];
  // An image with k8s-run as its ENTRYPOINT is not the official one, so its STOPSIGNAL is not known.
  const stopSignal = evidence === 'named' && image === found.program ? image.image?.stopSignal : undefined;
  const own = field(node, 'lifecycle', 'stopSignal');
  const received = (textOf(own) ?? stopSignal ?? 'TERM').replace(/^SIG/, '');
  const at = isSet(field(node, 'command')) ? field(node, 'command') : node;
  const rule = 'program-signal';
  if (!options.stopOn.includes(received)) {
    const whose = isSet(own) ? 'lifecycle.stopSignal' : `the STOPSIGNAL of the image ${image?.image?.name}`;
    const stopOn = [received, ...options.stopOn].join(',');
    const sent = `--stop-on ${stopOn} --stop-signal ${found.program.advice?.stopSignal ?? received}`;
    return [
      findingAt(at, {
        rule,
        reason: `${name} gets SIG${received}, ${whose}, which k8s-run only passes on to ${found.name}, so there is no shutdown delay and readiness does not fail`,
        remedy: sent,
      }),
    ];
  }
  const variables = itemsOf(field(node, 'env')).map((item) => textOf(field(item, 'name')));
  const advice = adviceFor({
    program: found.program,
    name: found.name,
    text: command.join(' '),
    hasVariable: (variable) => variables.includes(variable),
    sent: options.sentAfter(received),
    signalScope: options.signalScope,
  });
  if (advice === null) return [];
  return [findingAt(at, { rule, reason: `In ${name} ${advice.reason}`, remedy: `${advice.remedy}: ${advice.gain}` })];
}
