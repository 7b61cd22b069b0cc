/** Text in a colour; where no colours are shown, the text. */
export type Paint = (
  text: string,
  colour: 'red' | 'green' | 'yellow' | 'dim' | 'bold' | 'cyan' | 'blue' | 'magenta',
) => string;
export const unpainted: Paint = (text) => text;
