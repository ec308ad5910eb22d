/** Kept equal to the packages' version by the packaging, which also puts it into the bundle. */
export const version: string = process.env['HAMN_VERSION'] ?? '0.1.0';
