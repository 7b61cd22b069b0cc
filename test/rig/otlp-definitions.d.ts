/** protobuf.js's classes for OTLP, of which the tests need little. */
declare module 'otlp-definitions/build/src/generated/root.js' {
  type Type = {
    readonly fromObject: (object: Record<string, unknown>) => object;
    readonly verify: (message: object) => string | null;
    readonly encode: (message: object) => { readonly finish: () => Uint8Array };
    readonly decode: (bytes: Uint8Array) => object;
    readonly toObject: (message: object, options: Record<string, unknown>) => Record<string, unknown>;
  };
  type Collector = {
    readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: Type } };
    readonly logs: { readonly v1: { readonly ExportLogsServiceRequest: Type } };
  };
  const root: { readonly opentelemetry: { readonly proto: { readonly collector: Collector } } };
  // biome-ignore lint/style/noDefaultExport: it is CommonJS, and sets module.exports.
  export default root;
}
