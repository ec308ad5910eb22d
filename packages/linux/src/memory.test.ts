import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { programMappings } from './memory.ts';

test('program text and its constants are found, and nothing that is written to', () => {
  const maps = `00400000-00500000 r-xp 00000000 08:01 17 /usr/lib/hamn/node
00500000-00580000 r--p 00100000 08:01 17 /usr/lib/hamn/node
00580000-00600000 rw-p 00180000 08:01 17 /usr/lib/hamn/node
01000000-02000000 rw-p 00000000 00:00 0 [heap]
7f0000000000-7f0000001000 r-xp 00000000 00:00 0
7f0000002000-7f0000003000 r-xp 00000000 08:01 18 /tmp/gone.so (deleted)
7ffe00000000-7ffe00001000 r-xp 00000000 00:00 0 [vdso]
`;
  expect(programMappings(maps)).toEqual([
    { start: 0x400000n, end: 0x500000n },
    { start: 0x500000n, end: 0x580000n },
  ]);
});

test('a process whose program is locked lives on and ends well', () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { lockProgram } from ${JSON.stringify(new URL('./memory.ts', import.meta.url).href)};
    const locked = lockProgram();
    if (!locked.ok) throw new Error(locked.error.message);
    let waste = [];
    for (let round = 0; round < 200; round += 1) waste = Array.from({ length: 20_000 }, () => ({ round }));
    process.stdout.write(String(waste.length) + /VmLck:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[0]);
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(said).toMatch(/^20000VmLck:\s+\d{5,} kB$/);
});
