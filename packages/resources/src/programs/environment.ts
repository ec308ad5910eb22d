import { fail, ok, type Result } from '@hamn/core';

/** What programs of the admin's own find beside their arguments. */
export const ground = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' } as const;

const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A file that systemd reads as an environment (systemd.exec(5), EnvironmentFile=). Inside double quotes `"`, `\`, `` ` `` and `$` are escaped, a new
 * line is itself; so read systemd 239 and 257. Other control characters and other names are refused there without a word, so here with one.
 */
export function environmentText(environment: Readonly<Record<string, string>>): Result<string, 'unusable'> {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!nameForm.test(name))
      return fail('unusable', `systemd takes no variable called '${name}': use letters, digits and '_'.`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value))
      return fail('unusable', `The value of ${name} holds a control character, which systemd does not take.`);
    lines.push(`${name}="${value.replaceAll(/[\\"`$]/g, '\\$&')}"\n`);
  }
  return ok(lines.join(''));
}
