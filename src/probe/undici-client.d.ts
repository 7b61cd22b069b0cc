/** The module behind undici's `Client`; undici publishes types for its main module only. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
