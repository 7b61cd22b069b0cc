import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
export const HOMEPAGE: string = manifest.homepage;
/** The page of this version that lists everything. */
export const REFERENCE: string = `${HOMEPAGE}/blob/v${VERSION}/docs/reference.md`;
