/**
 * Removes from Node's binary the data of 800 locales, 33 MB that k8s-run never uses. It is overwritten with zeros in place and
 * removed from ICU's table of contents, so nothing moves; zeros cost almost nothing in the layer of an image, and are never
 * read into memory. The root locale, English, properties of characters, normalization and time zones stay.
 *
 * The format is ICU's common data file (.dat): icu4c/source/common/ucmndata.h, unicode/udata.h.
 */
const HEADER_SIZE = 0;
const MAGIC = 2;
const FORMAT = 12;
const MAGIC_NUMBER = 0x27da;
/** Bytes of an entry of the table: the offsets of its name and of its data, from the beginning of the table. */
const ENTRY = 8;

/** Resource bundles that do not belong to a locale, and English. */
const KEPT_BUNDLES =
  /^(root|en|en_US|en_001|pool|res_index|supplementalData|zoneinfo64|timezoneTypes|windowsZones|metaZones|numberingSystems|keyTypeData|likelySubtags|plurals|pluralRanges|dayPeriods|genderList|icustd|icuver|metadata|currencyNumericCodes|grammaticalFeatures|units|tzdbNames|ucadata)$/;

function isKept(name: string): boolean {
  const [, item = '', kind = ''] = /([^/]+)\.(\w+)$/.exec(name) ?? [];
  if (kind === 'cnv' || kind === 'dict' || kind === 'cfu') return false;
  if (name.includes('/translit/') || name.includes('/rbnf/')) return KEPT_BUNDLES.test(item) && item !== 'en';
  return kind !== 'res' || KEPT_BUNDLES.test(item);
}

/** Overwrites them in `binary` with zeros. Returns the number of bytes. */
export function blankLocales(binary: Buffer): number {
  const header = binary.indexOf('CmnD') - FORMAT;
  if (header < 0 || binary.readUInt16LE(header + MAGIC) !== MAGIC_NUMBER)
    throw new Error('cannot find the data of ICU in this Node: is it built with full ICU?');
  const table = header + binary.readUInt16LE(header + HEADER_SIZE);
  const count = binary.readUInt32LE(table);
  const entries = Array.from({ length: count }, (_, index) => {
    const at = table + 4 + index * ENTRY;
    const name = binary.readUInt32LE(at);
    const text = binary.toString('latin1', table + name, binary.indexOf(0, table + name));
    return { name, text, data: binary.readUInt32LE(at + 4) };
  });
  let blanked = 0;
  for (const [index, { text, data }] of entries.entries()) {
    // The table does not contain the end of the last entry, so it stays.
    const next = entries[index + 1];
    if (next === undefined || isKept(text)) continue;
    binary.fill(0, table + data, table + next.data);
    blanked += next.data - data;
  }
  const kept = entries.filter(({ text }, index) => index === count - 1 || isKept(text));
  binary.writeUInt32LE(kept.length, table);
  for (const [index, { name, data }] of kept.entries()) {
    binary.writeUInt32LE(name, table + 4 + index * ENTRY);
    binary.writeUInt32LE(data, table + 4 + index * ENTRY + 4);
  }
  return blanked;
}
