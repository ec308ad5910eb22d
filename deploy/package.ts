import { makePackage } from './package/make-package.ts';

/** `npm run package [-- --xz]`. */
try {
  await makePackage(process.argv.includes('--xz') ? 'xz' : 'zstd');
} catch (error) {
  console.error(`package: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
