/** gRPC's message frame: one byte "compressed", four bytes length, the message. Source: grpc/grpc, doc/PROTOCOL-HTTP2.md. */
const headBytes = 5;
/** Far beyond what etcd sends (its own limit for a request is 1.5 MiB); a longer one is not believed. */
const longestBytes = 64 * 1024 * 1024;

export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Puts messages together from the pieces in which a stream delivers them. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /** The messages that this piece completes. Throws an Error where the bytes cannot be frames. */
  take(piece: Buffer): readonly Buffer[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const messages: Buffer[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Buffer | undefined {
    if (this.#length < headBytes) return undefined;
    const bytes =
      this.#pieces.length === 1 && this.#pieces[0] ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    if (bytes[0] !== 0) throw new Error('The answer is compressed, which was not asked for.');
    const length = bytes.readUInt32BE(1);
    if (length > longestBytes) throw new Error(`The answer claims to be ${length} bytes long.`);
    const end = headBytes + length;
    if (bytes.length < end) return undefined;
    this.#pieces = [bytes.subarray(end)];
    this.#length -= end;
    return bytes.subarray(headBytes, end);
  }
}
