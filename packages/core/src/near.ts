/** How many letters must be typed, removed or changed (Levenshtein); two neighbours exchanged count as one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + change,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        least = Math.min(least, (before[column - 2] ?? 0) + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/** The legal word that was probably meant, or undefined when none is near. Case, `-` and `_` do not count. */
export function nearest(word: string, legal: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_]/g, '');
  let best: { readonly word: string; readonly away: number } | undefined;
  for (const candidate of legal) {
    const away = distance(plain(word), plain(candidate));
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (away <= limit && (best === undefined || away < best.away)) best = { word: candidate, away };
  }
  return best?.word;
}

/** ` Did you mean 'x'?`, or nothing. */
export function didYouMean(word: string, legal: readonly string[]): string {
  const near = nearest(word, legal);
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}
