/** True where the text of /proc/PID/net/fib_trie has an IPv4 address as the host's own (net/ipv4/fib_trie.c writes it). */
export function hasIpv4(fibTrie: string, address: string): boolean {
  const lines = fibTrie.split('\n');
  return lines.some(
    (line, index) => line.endsWith(`|-- ${address}`) && /\/32 host LOCAL/.test(lines[index + 1] ?? ''),
  );
}

/** True where the text of /proc/PID/net/if_inet6 has an IPv6 address; each line begins with its 32 digits. */
export function hasIpv6(ifInet6: string, address: string): boolean {
  const digits = digitsOf(address);
  return ifInet6.split('\n').some((line) => line.startsWith(digits));
}

/** 'fd99::10' as 32 hexadecimal digits. */
export function digitsOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] =>
    (text === '' ? [] : text.split(':')).map((each) => each.padStart(4, '0'));
  const [first, last] = [groups(head), groups(tail)];
  const missing = Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array.from({ length: missing }, () => '0000'), ...last].join('');
}
