import { readFileSync } from 'node:fs';
import { paths } from './paths.ts';

const patienceMs = 2000;

const pidsIn = (path: string): number[] => {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 1);
  } catch {
    return [];
  }
};

const isDouble = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('xcat');
  } catch {
    return false;
  }
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
};

/**
 * A second instance takes the first one's place without a word, so that a double start looks healthy. Listeners that a killed main process
 * left behind go as well; its DB worker stays, as the original's does.
 */
export async function replaceEarlier(): Promise<void> {
  const earlier = [...pidsIn(paths.pidFile), ...pidsIn(paths.listenersFile)].filter(isDouble);
  for (const pid of earlier) signal(pid, 'SIGTERM');
  const giveUpAt = performance.now() + patienceMs;
  while (earlier.some(isDouble) && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const pid of earlier) if (isDouble(pid)) signal(pid, 'SIGKILL');
}
