import type { ReadValue } from '../config/values.ts';
import { number } from '../config/values.ts';
import { isCronSchedule } from '../manifest/cron-schedule.ts';
import { type ImageReference, parseImage } from '../manifest/image-reference.ts';
import { SELECTOR_LABEL } from '../manifest/labels.ts';
import type { ObjectReference, Scale } from '../manifest/manifest-input.ts';
import { isDnsLabel, isLabelName, isLabelValue, isObjectName, isPortName, isVariableName } from '../manifest/names.ts';

/** What --port says: one port, or none. */
export type PortChoice = { readonly name: string | null; readonly number: number } | 'none';

export function readImage(text: string): ReadValue<ImageReference> {
  const image = parseImage(text);
  return image === null
    ? { problem: 'not an image; write registry.example.com/web:1.2.3, in lower case' }
    : { ok: image };
}

export function readDnsLabel(text: string): ReadValue<string> {
  if (isDnsLabel(text)) return { ok: text };
  return {
    problem: 'must be at most 63 lower-case letters, digits or "-", with a letter or digit at both ends; write web',
  };
}

export function readObjectName(text: string): ReadValue<string> {
  if (isObjectName(text)) return { ok: text };
  return {
    problem: 'must be lower-case letters, digits, "-" and ".", with a letter or digit at both ends; write registry',
  };
}

export function readPort(text: string): ReadValue<PortChoice> {
  if (text === 'none') return { ok: 'none' };
  const [digits = '', name = null, ...rest] = text.split(':').reverse();
  if (rest.length > 0) return { problem: 'not a port; write 8080, grpc:50051 or none' };
  const port = number(digits, 1, 65_535, 'a port from 1 to 65535, with a name before it (grpc:50051) or not; or none');
  if ('problem' in port) return port;
  if (name === 'health') return { problem: 'health is the name of the port of k8s-run; use another one' };
  if (name === null || isPortName(name)) return { ok: { name, number: port.ok } };
  return {
    problem: 'the name must be at most 15 lower-case letters, digits or single "-", with a letter; write grpc:50051',
  };
}

export function readQuantity(form: RegExp, example: string): (text: string) => ReadValue<string> {
  return (text) =>
    form.test(text) && Number.parseFloat(text) > 0 ? { ok: text } : { problem: `not a quantity; write ${example}` };
}

export function readProgram(text: string): ReadValue<readonly string[]> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.length > 0 ? { ok: words } : { problem: 'not a command; write /opt/k8s-run/bin/k8s-run' };
}

const MOST_PODS = 100_000;

export function readReplicas(text: string): ReadValue<Scale> {
  const replicas = number(text, 1, MOST_PODS, 'a whole number, 1 or more');
  return 'problem' in replicas ? replicas : { ok: { replicas: replicas.ok } };
}

export function readAutoscaling(text: string): ReadValue<Scale> {
  const [, least = 0, most = 0] = (/^(\d{1,6}):(\d{1,6})$/.exec(text) ?? []).map(Number);
  return least >= 1 && most >= least && most <= MOST_PODS
    ? { ok: { least, most } }
    : { problem: 'must be the least and the most pods; write 2:10' };
}

export function readSchedule(text: string): ReadValue<string> {
  if (isCronSchedule(text)) return { ok: text };
  return {
    problem: 'not a schedule; write minute, hour, day, month and day of the week, such as "0 3 * * *", or @daily',
  };
}

export function readVariable(text: string): ReadValue<readonly [name: string, value: string]> {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  if (at < 0 || !isVariableName(name)) return { problem: 'not a variable; write NAME=value' };
  return { ok: [name, text.slice(at + 1)] };
}

export function readReference(text: string): ReadValue<ObjectReference> {
  const [kind, name = '', ...rest] = text.split('/');
  if ((kind === 'configmap' || kind === 'secret') && isObjectName(name) && rest.length === 0)
    return { ok: { kind, name } };
  return { problem: 'must be a ConfigMap or a Secret; write configmap/web or secret/web' };
}

export function readLabel(text: string): ReadValue<readonly [name: string, value: string]> {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || !isLabelName(name) || !isLabelValue(value))
    return { problem: 'not a label; write team=shop or app.kubernetes.io/part-of=shop' };
  return name === SELECTOR_LABEL ? { problem: 'pods are selected by it; set it by --name' } : { ok: [name, value] };
}

export function readCidr(text: string): ReadValue<string> {
  const [address = '', bits = '', ...rest] = text.split('/');
  const most = address.includes(':') ? 128 : 32;
  const isAddress = address.includes(':') ? isIpv6(address) : isIpv4(address);
  const right = isAddress && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  return right ? { ok: text } : { problem: 'not a CIDR; write 10.0.0.0/16' };
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text}]/`);
}
