// The next time that the browser draws.

export const frame = (): Promise<number> => new Promise((drawn) => requestAnimationFrame(drawn));
