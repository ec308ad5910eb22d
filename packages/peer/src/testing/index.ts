export { expired, makeTestCertificates } from './test-certificates.ts';
