// Figures and dates as people read them.
import { t } from './texts.js';

// size gives bytes in decimal units with three figures.
export function size(bytes) {
  let n = bytes, unit = 0;
  while (n >= 999.5 && unit < t.units.length - 1) {
    n /= 1000;
    unit++;
  }
  const digits = unit === 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2;
  const text = new Intl.NumberFormat(t.language, { maximumFractionDigits: digits }).format(n);
  return `${text}\u00a0${t.units[unit]}`;
}

const clock = new Intl.DateTimeFormat(t.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium' });

export function time(date) {
  return clock.format(date);
}

// when gives a moment: the nearer, the finer.
export function when(date, now = new Date()) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const before = new Date(midnight);
  before.setDate(before.getDate() - 1);
  const tomorrow = new Date(midnight);
  tomorrow.setDate(tomorrow.getDate() + 1);
  if (date >= midnight && date < tomorrow) return t.today(clock.format(date));
  if (date >= before && date < midnight) return t.yesterday;
  if (date.getFullYear() === now.getFullYear()) return day.format(date);
  return dayYear.format(date);
}

export function exactly(date) {
  return exact.format(date);
}

// duration gives seconds roughly.
export function duration(seconds) {
  if (seconds < 60) return t.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 5400) return t.minutes(Math.round(seconds / 60));
  return t.hours(Math.round(seconds / 3600));
}

const families = {
  doc: 'doc docx odt rtf pages', text: 'txt md log tex', sheet: 'xls xlsx ods csv tsv numbers',
  slide: 'ppt pptx odp key', pdf: 'pdf', image: 'jpg jpeg png gif webp bmp tif tiff heic svg avif ico',
  video: 'mp4 mov mkv avi webm m4v', audio: 'mp3 wav flac ogg m4a aac opus',
  zip: 'zip gz tgz bz2 xz zst 7z rar tar', drawing: 'dwg dxf skp step stp ifc',
  code: 'js ts go py java c h cpp rs sh html css json xml yaml yml toml sql',
};
const byEnding = new Map(Object.entries(families).flatMap(([family, list]) => list.split(' ').map((e) => [e, family])));

// family tells which icon a file has.
export function family(name) {
  const dot = name.lastIndexOf('.');
  return (dot > 0 && byEnding.get(name.slice(dot + 1).toLowerCase())) || 'file';
}

// numbered gives the name that stands beside a taken one: "a.txt", 2 is "a (2).txt".
export function numbered(name, n) {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return `${name} (${n})`;
  return `${name.slice(0, dot)} (${n})${name.slice(dot)}`;
}
