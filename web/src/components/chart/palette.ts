/** How many colours series have before they repeat. */
export const palette = 8;
export const colourOf = (n: number) => `var(--series-${(n % palette) + 1})`;
