import type { ChildProcess } from 'node:child_process';

export interface ChildOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps what a child writes; `tooMuch` is called when that is more than `mostBytes`, and the rest is dropped. */
export function collectOutput(
  { stdout, stderr }: Pick<ChildProcess, 'stdout' | 'stderr'>,
  mostBytes: number,
  tooMuch: () => void,
): () => ChildOutput {
  let bytes = 0;
  const read = (stream: ChildProcess['stdout']): (() => string) => {
    const chunks: Buffer[] = [];
    stream?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) tooMuch();
      else chunks.push(chunk);
    });
    return () => Buffer.concat(chunks).toString('utf8');
  };
  const [out, err] = [read(stdout), read(stderr)];
  return () => ({ stdout: out(), stderr: err() });
}
