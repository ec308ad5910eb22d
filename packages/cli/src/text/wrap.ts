/** Breaks a text at spaces into lines of at most `width` characters; a longer word stands alone. */
export function wrapLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** `first` before the first line, as many spaces before the others. */
export function hanging(first: string, text: string, width: number): string {
  const indent = ' '.repeat(first.length);
  return wrapLines(text, Math.max(20, width - first.length))
    .map((line, index) => (index === 0 ? first : indent) + line)
    .join('\n');
}
