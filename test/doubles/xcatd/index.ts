/** The xcatd double's door for demonstrations, benches and tests. */
export { askXcatd, type ClientOptions, type Said } from './client.ts';
export {
  type DoubleOptions,
  installXcatdDouble,
  makeXcatCredentials,
  type XcatCredentials,
} from './install.ts';
export type { XcatAnswer, XcatRequest } from './xml.ts';
