import { expect, test } from 'vitest';
import { parseParts } from './multipart';

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

test('a multipart answer is taken apart', () => {
  const answer = '--xy\r\nContent-ID: <fil_1>\r\nX-Status: 200\r\nContent-Type: image/png\r\n\r\n\x89--x\r\n--PNG\r\n--xy\r\nContent-ID: <fil_2>\r\nX-Status: 422\r\nContent-Type: text/html\r\n\r\n{}\r\n--xy--\r\n';
  const parts = parseParts(bytes(answer), 'multipart/mixed; boundary=xy');
  expect(parts.map((p) => [p.id, p.status, p.type, new TextDecoder().decode(p.body)])).toEqual([['fil_1', 200, 'image/png', '\x89--x\r\n--PNG'], ['fil_2', 422, '', '{}']]);
  expect(parseParts(bytes(answer.slice(0, 80)), 'multipart/mixed; boundary=xy')).toEqual([]);
});
