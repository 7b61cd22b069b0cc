import { rollingUpdate } from './app-objects.ts';
import { containerOf, probesOf } from './container.ts';
import type { ManifestInput } from './manifest-input.ts';
import { podFieldsOf } from './pod.ts';
import { volumesOf } from './volumes.ts';
import { Commented, withComment, writeYaml, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** A kustomization.yaml that patches an existing Deployment to match the options. */
export function kustomization(input: ManifestInput): string {
  const { name, namespace, file } = input;
  // The image stays the one of the Deployment.
  const { image: _image, command, ...fields } = containerOf(input);
  const container = {
    ...fields,
    command:
      command ??
      withComment('Removes the command of your container, because the ENTRYPOINT of the image is k8s-run.', null),
    ...Object.fromEntries(Object.entries(probesOf(input)).map(([key, probe]) => [key, replacing(probe)])),
  };
  const patch = writeYaml({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      strategy: withComment('A new pod is ready before an old pod stops.', rollingUpdate()),
      template: { spec: { ...podFieldsOf(input), containers: [container], volumes: volumesOf(input) } },
    },
  });
  const head = `kustomization.yaml: patches the Deployment ${name}, whose container is named ${name}, to run k8s-run.`;
  return writeYaml(
    {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: namespace ?? undefined,
      resources: withComment('Your manifest with the Deployment.', ['deployment.yaml']),
      configMapGenerator:
        file?.text == null
          ? undefined
          : [{ name: `${name}-k8s-run`, files: [withComment('In the folder of this file.', file.name)] }],
      patches: [{ target: { kind: 'Deployment', name }, patch }],
    },
    head,
  );
}

/** The whole probe is replaced: merged with an existing probe it could have two handlers, which the API server rejects. */
function replacing(probe: YamlValue | undefined): YamlValue {
  const [comment, fields] = probe instanceof Commented ? [probe.comment, probe.value] : [null, probe];
  const whole = { $patch: 'replace', ...(fields as YamlFields) };
  return comment === null ? whole : withComment(comment, whole);
}
