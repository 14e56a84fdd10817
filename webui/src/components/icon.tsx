// Drawings of the sprite. They say nothing to assistive technology: a word stands
// beside them, or their button has a name.
import sprite from '../styles/icons.svg';
import type { Family, IconName } from './iconnames';

export type { Family, IconName } from './iconnames';

const mirrored = new Set<IconName>(['right', 'left', 'undo', 'arrow', 'out', 'out2', 'signout', 'move']);

export function Icon({ name, size, fill = false }: { name: IconName; size?: 's' | 'l'; fill?: boolean }) {
  const cls = ['i', size, fill && 'fillit', mirrored.has(name) && 'mirror'].filter(Boolean).join(' ');
  return <svg className={cls} aria-hidden="true" focusable="false"><use href={`${sprite}#i-${name}`} /></svg>;
}

/** The icon of a file's family; the glyph tells the family, colour is never the only sign. */
export function FileIcon({ family, big = false }: { family: Family; big?: boolean }) {
  return <svg className={`ft t-${family}${big ? ' xl' : ''}`} aria-hidden="true" focusable="false"><use href={`${sprite}#f-${family}`} /></svg>;
}

const endings: Record<Exclude<Family, 'folder' | 'file'>, string> = {
  doc: 'doc docx odt rtf pages', text: 'txt md log tex', sheet: 'xls xlsx ods csv tsv numbers',
  slide: 'ppt pptx odp key', pdf: 'pdf', image: 'jpg jpeg png gif webp bmp tif tiff heic svg avif ico',
  video: 'mp4 mov mkv avi webm m4v', audio: 'mp3 wav flac ogg m4a aac opus',
  zip: 'zip gz tgz bz2 xz zst 7z rar tar', drawing: 'dwg dxf skp step stp ifc',
  code: 'js ts tsx jsx go py java c h cpp rs sh html css json xml yaml yml toml sql',
};
const byEnding = new Map(Object.entries(endings).flatMap(([family, list]) => list.split(' ').map((e) => [e, family as Family] as const)));

/** Tells which family a file is of, by its name. */
export function familyOf(name: string): Family {
  const dot = name.lastIndexOf('.');
  return (dot > 0 && byEnding.get(name.slice(dot + 1).toLowerCase())) || 'file';
}

export function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="sign">
      <path className="b1" d="M5 9.5 16 4l11 5.5L16 15z" /><path className="b2" d="M5 15.7 16 21.2l11-5.5" /><path className="b3" d="M5 21.7 16 27.2l11-5.5" />
    </svg>
  );
}
