/** What a reader must know to judge the results: how this rehearsal differs from a cluster, and from what was asked for. */
export const NOTES = {
  onePort: (port: number, variable: string): string =>
    `The app listens on port ${port}, whatever ${variable} says, so there is one replica, and no requests are sent while it is replaced. If another variable sets the port, name it with --port-variable; if an argument does, write {PORT} in its place.`,
  probePort: (port: number): string =>
    `The configured probes can only use port ${port}, so there is one replica, and no requests are sent while it is replaced.`,
  portsTaken:
    'A second replica could not bind all of its ports beside the first, so there is one replica, and no requests are sent while it is replaced.',
  noPort: 'The app listens on no port, so no requests are sent.',
  noHttp: (path: string): string => `The app does not answer HTTP at ${path}, so no requests are sent.`,
  noPidNamespace:
    'This machine does not allow PID namespaces, so PID 1 is imitated: an app without a handler for SIGTERM is not sent the signal.',
  busy: (milliseconds: number): string =>
    `This machine was busy: the rehearsal stood still for ${(milliseconds / 1_000).toFixed(1)} s. Failures may come from that, not from the app.`,
} as const;
