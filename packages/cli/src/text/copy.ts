import { copyLeftMs, type MemberCopy } from '@hamn/core';
import { formatBytes, formatDuration } from './quantities.ts';

/** Whole percent; undefined before the size is known. */
export const copyPercent = ({ bytes, totalBytes }: MemberCopy): number | undefined =>
  totalBytes === undefined || totalBytes === 0 ? undefined : Math.floor((100 * bytes) / totalBytes);

/** `clone from mn1: 1.2 GB of 5.0 GB (24 %), 85 MB/s, 45.0 s left`. */
export function copyText(copy: MemberCopy): string {
  const { kind, from, bytes, totalBytes, bytesPerSecond, elapsedMs } = copy;
  const head = `${kind} from ${from}`;
  const percent = copyPercent(copy);
  if (totalBytes === undefined || percent === undefined) {
    const what = kind === 'clone' ? 'waits for a checkpoint of the source' : 'looks for what differs';
    return `${head}: ${what}, for ${formatDuration(elapsedMs)}`;
  }
  const left = copyLeftMs({ bytes, totalBytes, bytesPerSecond });
  const rate = bytesPerSecond === undefined ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  const rest = left === undefined ? `, for ${formatDuration(elapsedMs)}` : `, ${formatDuration(left)} left`;
  return `${head}: ${formatBytes(bytes)} of ${formatBytes(totalBytes)} (${percent} %)${rate}${rest}`;
}
