// Everything that the server needs, in .next/standalone: the image has no node_modules of its own.
export default { output: 'standalone', outputFileTracingRoot: import.meta.dirname, poweredByHeader: false };
