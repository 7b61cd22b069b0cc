/** The module that has undici's `Client`: undici publishes types for its main entry only. */
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
