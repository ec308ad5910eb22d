/** What the demonstration prints; seconds since its start in front. */
const begun = performance.now();

export function say(line: string): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

export function step(title: string): void {
  process.stdout.write('\n');
  say(`== ${title}`);
}

/** A command's output, indented and as it came. */
export function show(text: string): void {
  for (const line of text.trimEnd().split('\n')) process.stdout.write(`          ${line}\n`);
}
