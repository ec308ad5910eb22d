export { askXcatd, usualXcatd, type XcatdAnswer, type XcatdFailure, type XcatdOptions } from './ask.ts';
