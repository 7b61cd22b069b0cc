import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Ajv, type AnySchema } from 'ajv';
import type { Arch } from '../../bundle/runtime.ts';
import type { Artefact, Plan } from './plan.ts';

const require = createRequire(import.meta.url);
/** CycloneDX' own schemas, as its library for JavaScript ships them. */
const SCHEMAS = `${dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json'))}/res/schema`;

type Bom = { readonly specVersion?: string; readonly components?: readonly object[] };

/** The bill of materials of the portable folder, which has it inside as well. */
export function makeSbom(plan: Plan, arch: Arch): Artefact {
  const name = `k8s-run-${plan.version}-linux-${arch}.cdx.json`;
  copyFileSync(`${plan.folders[arch]}/sbom.cdx.json`, `${plan.out}/${name}`);
  return {
    name,
    check() {
      const bom: Bom = JSON.parse(readFileSync(`${plan.out}/${name}`, 'utf8'));
      const mistakes = mistakesInBom(bom);
      if (mistakes.length > 0) throw new Error(`${name} is not valid CycloneDX: ${mistakes.join('; ')}`);
      return `valid CycloneDX ${bom.specVersion}, ${bom.components?.length} components`;
    },
  };
}

/** What CycloneDX' JSON schema of the version that the document names finds in it. */
export function mistakesInBom(bom: Bom): readonly string[] {
  const read = (name: string): AnySchema => JSON.parse(readFileSync(`${SCHEMAS}/${name}.SNAPSHOT.schema.json`, 'utf8'));
  // Its formats (uri, email …) are for a library of their own; its draft allows keywords that strict does not.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const isValid = ajv.compile(read(`bom-${bom.specVersion}`));
  if (isValid(bom)) return [];
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
