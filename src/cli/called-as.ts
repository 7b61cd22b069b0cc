/** kubectl runs a plugin by the name of a file on the PATH, in which an underscore stands for a hyphen. */
export const PLUGIN_FILE = 'kubectl-k8s_run';
/** The file that kubectl 1.26 and later run to complete the words of the plugin. */
export const PLUGIN_COMPLETION_FILE = 'kubectl_complete-k8s_run';
/** Set by the launcher of the portable folder to PLUGIN_FILE, if it was called by that name. The app does not get it. */
export const CALLED_ENV = '_K8S_RUN_CALLED';

/** Whether kubectl has run this program as its plugin. */
export const isPlugin: boolean =
  process.env[CALLED_ENV] === PLUGIN_FILE ||
  process.argv[1]?.slice(process.argv[1].lastIndexOf('/') + 1) === PLUGIN_FILE;

/** What a user types to run this program. */
export const PROGRAM: string = isPlugin ? 'kubectl k8s-run' : 'k8s-run';

/** A text in which command lines of that command begin with what the user types. */
export function asCalled(text: string, command: string): string {
  return text.replaceAll(`k8s-run ${command}`, `${PROGRAM} ${command}`);
}
