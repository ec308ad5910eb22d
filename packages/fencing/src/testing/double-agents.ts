import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a double does, as shell commands; `$dir` is its folder, where `power` holds `on` or `off`. */
export interface DoubleBehaviour {
  readonly off?: string;
  readonly on?: string;
  readonly status?: string;
  /** The whole answer to `metadata`. */
  readonly metadata?: string;
  /** Names of parameters besides `action`. */
  readonly parameters?: readonly string[];
}

const honest = {
  off: 'echo off >"$dir/power"; echo "Success: Powered OFF"',
  on: 'echo on >"$dir/power"; echo "Success: Powered ON"',
  status: 'if [ "$(cat "$dir/power")" = off ]; then echo "Status: OFF"; exit 2; fi; echo "Status: ON"',
} as const;

const metadataOf = (parameters: readonly string[]): string => `<?xml version="1.0" ?>
<resource-agent name="fence_double" shortdesc="A double">
<parameters>
${['action', ...parameters].map((name) => `<parameter name="${name}" required="0"></parameter>`).join('\n')}
</parameters>
<actions><action name="on" automatic="0"/><action name="off"/><action name="status"/><action name="metadata"/></actions>
</resource-agent>`;

/** Doubles of fence agents, for what no real one does on request: hang, lie, die. They keep the stdin contract and write down what they were asked. */
export class DoubleAgents {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'hamn-agents-'));

  /** Writes the program `name`; its power is on. */
  add(name: string, behaviour: DoubleBehaviour = {}): void {
    const { off, on, status } = { ...honest, ...behaviour };
    const dir = join(this.directory, `${name}.d`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'power'), 'on\n');
    writeFileSync(join(dir, 'asked'), '');
    writeFileSync(join(dir, 'metadata'), behaviour.metadata ?? metadataOf(behaviour.parameters ?? []));
    const path = join(this.directory, name);
    writeFileSync(
      path,
      `#!/bin/sh
dir=${dir}
input=$(cat)
printf '%s\\n' "$input" >"$dir/input"
action=$(printf '%s\\n' "$input" | sed -n 's/^action=//p')
case $action in
  metadata) cat "$dir/metadata"; exit 0 ;;
esac
echo "$action" >>"$dir/asked"
case $action in
  off) ${off} ;;
  on) ${on} ;;
  status) ${status} ;;
esac
`,
    );
    chmodSync(path, 0o755);
  }

  /** The actions that it was asked for, in order, without `metadata`. */
  asked(name: string): readonly string[] {
    return this.read(name, 'asked').split('\n').filter(Boolean);
  }

  /** A file that a double wrote. */
  read(name: string, file: string): string {
    return readFileSync(join(this.directory, `${name}.d`, file), 'utf8');
  }

  power(name: string): string {
    return this.read(name, 'power').trim();
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
