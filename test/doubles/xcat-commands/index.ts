import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Behaviour, writeBehaviour } from './behaviour.ts';
import { attributeOf, type Row, readTable, writeTable } from './tables.ts';

/** The double's door: a directory with the tables, and one with the commands. */
export class XcatCommands {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'hamn-xcat-commands-'));
  /** What stands for /opt/xcat/bin. */
  readonly bin: string = join(this.directory, 'bin');

  constructor(nodelist: readonly Row[], noderes: readonly Row[]) {
    writeTable(this.directory, 'nodelist', nodelist);
    writeTable(this.directory, 'noderes', noderes);
    writeFileSync(join(this.directory, 'touched'), '');
    this.behave({});
    mkdirSync(this.bin);
    const program = join(import.meta.dirname, 'main.ts');
    for (const command of ['snmove', 'nodels', 'tabdump']) {
      const path = join(this.bin, command);
      writeFileSync(
        path,
        `#!/bin/sh\nexec ${process.execPath} ${program} ${this.directory} ${command} "$@"\n`,
      );
      chmodSync(path, 0o755);
    }
  }

  behave(behaviour: Partial<Behaviour>): void {
    writeBehaviour(this.directory, behaviour);
  }

  /** A node's value, resolved. */
  value(node: string, column: string): string {
    return attributeOf(this.directory, 'noderes', node, column);
  }

  /** Rows of noderes as they stand. */
  get noderes(): readonly Row[] {
    return readTable(this.directory, 'noderes');
  }

  /** Nodes on which something was run, in order. */
  get touched(): readonly string[] {
    return readFileSync(join(this.directory, 'touched'), 'utf8').split('\n').filter(Boolean);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
