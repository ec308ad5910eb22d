import { chmod, chown, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fail, ok } from '@hamn/core';
import { errnoOf, type Outcome, reasonOf } from '../limit.ts';
import type { PostgresOptions } from '../options.ts';
import { type Account, findAccount } from '../process/account.ts';
import { saysNoSpace } from '../process/free-space.ts';
import { type ConfigTree, readConfigTree } from './config-tree.ts';
import { exists } from './data-directory.ts';
import { includeBasis } from './include-basis.ts';
import { type IncludeState, readState, renderInclude } from './include-text.ts';
import { type CheckedParameters, checkParameters } from './parameter-check.ts';
import { TlsFiles } from './tls-files.ts';
import { makeDirectoryFor, writeAtomically } from './write.ts';

/** Without these hamn cannot keep its promises; the others are only reported when something overrides them. */
const vitalSettings: ReadonlySet<string> = new Set([
  'listen_addresses',
  'wal_level',
  'hot_standby',
  'recovery_target_timeline',
  'primary_slot_name',
  'primary_conninfo',
  'synchronous_standby_names',
]);

/** The files that are hamn's own: hamn.conf in the include directory, and what PostgreSQL's user reads to get in elsewhere: password and certificates. */
export class Configuration {
  readonly includeFile: string;
  readonly passfile: string;
  readonly tls: TlsFiles;
  readonly #options: PostgresOptions;
  #account: Account | undefined;
  #parameters: Promise<CheckedParameters> | undefined;
  /** Writes go one after the other: each one reads the state that the last one left. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.includeFile = join(options.includeDirectory, 'hamn.conf');
    this.passfile = join(options.stateDirectory, 'postgres', 'pgpass');
    this.tls = new TlsFiles(options.tls, dirname(this.passfile));
  }

  async account(): Promise<Outcome<Account>> {
    if (this.#account !== undefined) return ok(this.#account);
    const found = await findAccount(this.#options.osUser);
    if (found.ok) this.#account = found.value;
    return found;
  }

  /** What the next start will run with. */
  async state(): Promise<IncludeState> {
    return readState(await readFile(this.includeFile, 'utf8').catch(() => ''));
  }

  /** The password of hamn's role. */
  async password(): Promise<Outcome<string>> {
    try {
      const text = (await readFile(this.#options.passwordFile, 'utf8')).trimEnd();
      if (text !== '') return ok(text);
      return fail('files', `The password file ${this.#options.passwordFile} is empty.`);
    } catch (error) {
      return fail(
        'files',
        `The password of the role '${this.#options.user}' cannot be read: ${reasonOf(error)}. ` +
          `Put it into ${this.#options.passwordFile}, readable by root only.`,
      );
    }
  }

  /** The postgresql.conf that includes hamn's directory. */
  async configFile(): Promise<Outcome<string>> {
    const { includeDirectory, dataDirectory } = this.#options;
    const candidates = [
      join(dirname(includeDirectory), 'postgresql.conf'),
      join(dataDirectory, 'postgresql.conf'),
    ];
    for (const candidate of candidates) if (await exists(candidate)) return ok(candidate);
    return fail(
      'files',
      `There is no postgresql.conf at ${candidates.join(' or ')}; correct postgres.includeDirectory or postgres.dataDirectory.`,
    );
  }

  /**
   * Writes hamn.conf as `change` makes it of the present state, and the password file. `changed` is false when the text was the same.
   * Errors: `files` (not included, overridden, unreadable), `no-space`.
   */
  update(change: (now: IncludeState) => IncludeState): Promise<Outcome<{ readonly changed: boolean }>> {
    const run = this.#queue.then(() => this.#update(change));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  /** Writes the files that let PostgreSQL's own programs in at the other nodes. */
  async preparePassfile(): Promise<Outcome<undefined>> {
    const account = await this.account();
    if (!account.ok) return account;
    const password = await this.password();
    if (!password.ok) return password;
    try {
      await this.#writePassfile(account.value, password.value);
      return await this.tls.prepare(account.value);
    } catch (error) {
      return fail('files', `${this.passfile} cannot be written: ${reasonOf(error)}.`);
    }
  }

  async #update(
    change: (now: IncludeState) => IncludeState,
  ): Promise<Outcome<{ readonly changed: boolean }>> {
    const account = await this.account();
    if (!account.ok) return account;
    const passfile = await this.preparePassfile();
    if (!passfile.ok) return passfile;
    const configFile = await this.configFile();
    if (!configFile.ok) return configFile;
    try {
      await this.#makeIncludeFile(account.value);
      const tree = await readConfigTree(configFile.value, this.#options.dataDirectory);
      if (!tree.ok) return tree;
      const real = await realpath(this.includeFile);
      if (!tree.value.files.has(real)) return this.#notIncluded(configFile.value);
      if (real !== join(await realpath(dirname(this.includeFile)), 'hamn.conf'))
        return fail(
          'files',
          `${this.includeFile} is a symbolic link, which hamn does not follow. Remove it.`,
        );
      const { before, text } = await this.#render(change, { real, tree: tree.value, account: account.value });
      if (text !== before) await writeAtomically(real, text, { owner: account.value, mode: 0o644 });
      const written = await readConfigTree(configFile.value, this.#options.dataDirectory);
      if (!written.ok) return written;
      const vital = overrides(written.value, real).filter(({ name }) => vitalSettings.has(name));
      if (vital.length > 0) return fail('files', vital.map(({ sentence }) => sentence).join(' '));
      return ok({ changed: text !== before });
    } catch (error) {
      const reason = reasonOf(error);
      if (saysNoSpace(reason) || errnoOf(error) === 'ENOSPC')
        return fail(
          'no-space',
          `${this.includeFile} cannot be written, the disk is full: ${reason}. Free some space.`,
        );
      return fail('files', `hamn's settings for PostgreSQL cannot be written: ${reason}.`);
    }
  }

  /** The text that stands in hamn.conf, and the one that `change` of its state makes. Throws what the system says. */
  async #render(
    change: (now: IncludeState) => IncludeState,
    at: { readonly real: string; readonly tree: ConfigTree; readonly account: Account },
  ): Promise<{ readonly before: string; readonly text: string }> {
    const before = await readFile(at.real, 'utf8');
    const { good } = await this.#checked(at.account);
    const own = {
      passfile: this.passfile,
      includeFile: at.real,
      tls: this.tls.libpq,
      parameters: good,
    };
    const basis = await includeBasis(this.#options, own, at.tree);
    return { before, text: renderInclude(change(readState(before)), basis) };
  }

  /** Asked once: neither the parameters nor the server's program change while this hamnd runs. */
  #checked(account: Account): Promise<CheckedParameters> {
    this.#parameters ??= checkParameters(this.#options.binDirectory, account, this.#options.parameters ?? {});
    return this.#parameters;
  }

  /** Whether `update` with this change would write something else than what is there. False where that cannot be told: `problems` says why. */
  async outdated(change: (now: IncludeState) => IncludeState): Promise<boolean> {
    const account = await this.account();
    const configFile = await this.configFile();
    if (!account.ok || !configFile.ok) return false;
    const tree = await readConfigTree(configFile.value, this.#options.dataDirectory);
    if (!tree.ok) return false;
    try {
      const real = await realpath(this.includeFile);
      const { before, text } = await this.#render(change, { real, tree: tree.value, account: account.value });
      return settingsIn(before) !== settingsIn(text) || !(await this.tls.current());
    } catch {
      return false;
    }
  }

  /** The file must exist before its place among the others can be judged. Inside the data directory its folder is hamn's own, too. */
  async #makeIncludeFile(account: Account): Promise<void> {
    const { includeDirectory, dataDirectory } = this.#options;
    if (dirname(includeDirectory) === dataDirectory && !(await exists(includeDirectory)))
      await makeDirectoryFor(account, includeDirectory);
    if (!(await exists(this.includeFile)))
      await writeAtomically(this.includeFile, '# hamn\n', { owner: account, mode: 0o644 });
  }

  #notIncluded(configFile: string): Outcome<never> {
    return fail(
      'files',
      `PostgreSQL does not read ${this.includeFile}. Add this line at the end of ${configFile}: ` +
        includeLine(configFile, this.#options.includeDirectory),
    );
  }

  /** What a look at the files finds wrong. */
  async problems(): Promise<readonly string[]> {
    const configFile = await this.configFile();
    if (!configFile.ok) return [configFile.error.message];
    const tree = await readConfigTree(configFile.value, this.#options.dataDirectory);
    if (!tree.ok) return [tree.error.message];
    const real = await realpath(this.includeFile).catch(() => this.includeFile);
    const account = await this.account();
    return [
      ...overrides(tree.value, real).map(({ sentence }) => sentence),
      ...(account.ok ? (await this.#checked(account.value)).refused : []),
      ...(await this.tls.problems()),
    ];
  }

  /** libpq refuses a password file that others can read, and PostgreSQL's user must be able to reach it. */
  async #writePassfile(account: Account, password: string): Promise<void> {
    const directory = dirname(this.passfile);
    await mkdir(directory, { recursive: true });
    await chown(directory, 0, account.gid);
    await chmod(directory, 0o750);
    const above = await stat(this.#options.stateDirectory);
    if ((above.mode & 0o001) === 0) await chmod(this.#options.stateDirectory, (above.mode & 0o777) | 0o001);
    const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
    const text = `*:*:*:${escaped(this.#options.user)}:${escaped(password)}\n`;
    const present = await readFile(this.passfile, 'utf8').catch(() => undefined);
    if (present !== text)
      await writeAtomically(this.passfile, text, { owner: account, mode: 0o600, inAnyDirectory: true });
  }
}

/**
 * The one line that the admin adds to postgresql.conf. Where the configuration lies with the data it names the file, and no harm is done where it is missing: a copy of
 * the data on another machine starts without it.
 */
export function includeLine(configFile: string, includeDirectory: string): string {
  const inside = relative(dirname(configFile), includeDirectory);
  return basename(configFile) === 'postgresql.conf' && inside !== '' && !inside.startsWith('..')
    ? `include_if_exists = '${join(inside, 'hamn.conf')}'`
    : `include_dir = '${includeDirectory}'`;
}

/** Without the line of hamn's own memory: a promotion alone, which changes only that, needs no reload. */
const settingsIn = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('# hamn-state:'))
    .join('\n');

/** One sentence, with the remedy, for each setting of hamn's that a later line sets to something else. */
function overrides(
  tree: ConfigTree,
  own: string,
): readonly { readonly name: string; readonly sentence: string }[] {
  const found: { name: string; sentence: string }[] = [];
  for (const { name, value, file } of tree.settings) {
    if (file !== own) continue;
    const last = tree.settings.findLast((setting) => setting.name === name);
    if (last === undefined || last.file === own || last.value === value) continue;
    const remedy = last.file.endsWith('postgresql.auto.conf')
      ? `Run: ALTER SYSTEM RESET ${name};`
      : 'Remove that line.';
    const sentence = `${name} is set again in ${last.file} line ${last.line}, which overrides hamn.conf. ${remedy}`;
    found.push({ name, sentence });
  }
  return found;
}
