// Names as they may be shown.

// What can't be seen, or turns the text around it.
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g;
// A joiner between two pictures or letters makes one sign of them; it is legible.
const joiner = /(?<=[\p{L}\p{M}\p{Extended_Pictographic}\ufe0f])[\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}])/gu;

/** Gives a name with boxes in the place of characters that would not be seen, or would turn the text. */
export function visible(name: string): string {
  const kept: string[] = [];
  const marked = name.replace(joiner, (c) => { kept.push(c); return '\ue000'; });
  let i = 0;
  return marked.replace(hidden, '\u25a1').replace(/\ue000/g, () => kept[i++] ?? '\u25a1');
}

/** Gives the name that stands beside a taken one: "a.txt", 2 is "a (2).txt". */
export function numbered(name: string, n: number): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name} (${n})` : `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
}
