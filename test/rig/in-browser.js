// Functions for a page in the browser, evaluated before an expression.

/** The contrast ratio of each text to its background (WCAG 2.2). */
globalThis.contrasts = (selector) =>
  [...document.querySelectorAll(selector)].map((element) => {
    const style = getComputedStyle(element);
    const ink = globalThis.lightness(element instanceof SVGElement ? style.fill : style.color);
    let behind = element;
    while (behind && /, 0\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const paper = globalThis.lightness(behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)');
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });

/** Relative luminance of `rgb(…)`. */
globalThis.lightness = (colour) => {
  const parts = colour
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map((part) => part / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

globalThis.boxes = (selector) =>
  [...document.querySelectorAll(selector)].map((element) => {
    const { height, left, right } = element.getBoundingClientRect();
    return { height, left, right };
  });

/** The elements whose content is wider than they are. */
globalThis.overflowing = (selector) =>
  [...document.querySelectorAll(selector)]
    .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth)
    .map((element) => element.outerHTML.slice(0, 100));
