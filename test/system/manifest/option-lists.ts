/** Options whose manifests together use every feature of the command. */
export const OPTION_LISTS: readonly (readonly string[])[] = [
  [],
  ['--namespace', 'shop', '--replicas', '5', '--cpu', '1', '--memory', '1Gi'],
  ['--ready', 'grpc://:50051', '--grace', '90s', '--wait-for', 'exec:a,b'],
  ['--ready', 'process', '--replicas', '1', '--entrypoint', '/opt/k8s-run/bin/k8s-run'],
  ['--health-host', '127.0.0.1', '--config', 'examples/config-file/k8s-run.yaml'],
  ['--kind', 'statefulset', '--hpa', '2:5', '--port', 'https:8443', '--port', 'udp:53', '--env-from', 'secret/db'],
  ['--kind', 'daemonset', '--service-account', 'agent', '--image-pull-secret', 'registry', '--port', 'none'],
  ['--kind', 'job', '--env', 'DB_PASSWORD=x', '--env', 'MODE=on', '--label', 'team=shop', '--live', 'file:/tmp/x'],
  ['--kind', 'cronjob', '--schedule', '@daily', '--config', 'examples/config-file/k8s-run.yaml'],
  ['--network-policy', '--node-cidr', '10.0.0.0/8', '--pod-monitor', '--hpa', '1:3', '--pre-start', 'migrate'],
  [
    '--env-dir',
    '/etc/config',
    '--watch',
    '/run/secrets/tls',
    '--on-change',
    'restart',
    '--termination-log',
    '/tmp/death',
  ],
  ['--image', 'web:latest', '--port', '8080', '--port', 'metrics:9100', '--network-policy', '--shutdown-delay', '3s'],
];
