/**
 * A copy in memory of its own. Node cuts small buffers out of slabs of 64 KB: what is kept for long would hold a whole slab for
 * its few bytes, and weigh many times what it is counted as.
 */
export function ownBytes(content: string | Uint8Array): Buffer {
  if (typeof content !== 'string') {
    const copy = Buffer.allocUnsafeSlow(content.byteLength);
    copy.set(content);
    return copy;
  }
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(content));
  bytes.write(content);
  return bytes;
}
