/** Where requests and listeners meet: Services, ports of the pod, ports of the node. */
export const PORTS_RULES = {
  'service-port': {
    severity: 'error',
    elsewhere: 'note where a port is only not declared',
    reason: 'Requests reach no pod, because no container has the port to which the Service sends them',
    remedy: 'Correct targetPort of the Service, or the ports of the container',
  },
  'service-selector': {
    severity: 'warning',
    reason: 'Requests reach no pod, because the selector of the Service does not match the labels of the pods',
    remedy: 'Give the selector labels that the template of the pods has',
  },
  'service-name': {
    severity: 'note',
    elsewhere: 'warning where a Service of this name does not select the pods, or another one is meant',
    reason:
      'The pods of a StatefulSet have no names in DNS, because serviceName names no headless Service that selects them',
    remedy: 'serviceName: the name of a headless Service with the labels of the template',
  },
  'host-port': {
    severity: 'warning',
    elsewhere: 'error where both pods must be on the same node, note where they may be on different ones',
    reason: 'A pod stays pending, because another pod has the same port of the node',
    remedy: 'Give one of them another port',
  },
  'port-conflict': {
    severity: 'error',
    elsewhere: 'warning where a port is only declared',
    reason: 'A container cannot listen, because another container of the pod has the same port',
    remedy: 'Give one of them another port',
  },
} as const;
