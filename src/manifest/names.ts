// What the API server accepts: k8s.io/apimachinery/pkg/util/validation, k8s.io/apimachinery/pkg/api/validation.

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const VARIABLE_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** A namespace, or the name of a container: RFC 1123. */
export const isDnsLabel = (text: string): boolean => DNS_LABEL.test(text);

/** RFC 1035: it begins with a letter. */
export const isServiceName = (text: string): boolean => SERVICE_NAME.test(text);

/** The name of most objects. */
export const isObjectName = (text: string): boolean => SUBDOMAIN.test(text);

export const isLabelValue = (text: string): boolean => LABEL_VALUE.test(text);

export function isLabelName(text: string): boolean {
  const [name = '', prefix, ...rest] = text.split('/').reverse();
  return rest.length === 0 && QUALIFIED_NAME.test(name) && (prefix === undefined || SUBDOMAIN.test(prefix));
}

export const isVariableName = (text: string): boolean => VARIABLE_NAME.test(text) && !/^\.(\.|$)/.test(text);

/** The name of a port in a container: IANA_SVC_NAME of RFC 6335. */
export function isPortName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/.test(text) && /[a-z]/.test(text) && !text.includes('--');
}
