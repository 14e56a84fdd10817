// An answer of several parts, such as pictures of many files.
export interface Part { id: string; status: number; type: string; body: Uint8Array<ArrayBuffer> }

/** Takes a multipart answer apart. Only types of pictures are told; others are ''. */
export function parseParts(bytes: Uint8Array<ArrayBuffer>, contentType: string): Part[] {
  const edge = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!edge) return [];
  const mark = new TextEncoder().encode(`--${edge}`);
  const parts: Part[] = [];
  let at = find(bytes, mark, 0);
  while (at >= 0) {
    const begin = at + mark.length;
    if (bytes[begin] === 45 && bytes[begin + 1] === 45) break; // the end
    const end = find(bytes, mark, begin);
    if (end < 0) break; // broken off
    const head = find(bytes, crlf2, begin);
    if (head >= 0 && head < end) {
      const text = new TextDecoder().decode(bytes.subarray(begin, head));
      const field = (name: string) => new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? '';
      const type = field('Content-Type');
      parts.push({ id: field('Content-ID').replace(/[<>]/g, ''), status: Number(field('X-Status')) || 0, type: /^image\/(jpeg|png)$/.test(type) ? type : '', body: bytes.slice(head + 4, end - 2) });
    }
    at = end;
  }
  return parts;
}

const crlf2 = new Uint8Array([13, 10, 13, 10]);

function find(bytes: Uint8Array, what: Uint8Array, from: number): number {
  const first = what[0] ?? 0;
  for (let i = bytes.indexOf(first, from); i >= 0; i = bytes.indexOf(first, i + 1)) {
    let n = 1;
    while (n < what.length && bytes[i + n] === what[n]) n++;
    if (n === what.length) return i;
  }
  return -1;
}
