// Making and finding elements. Text goes in as text nodes only: no name of a
// file is ever read as markup.
import { drawings } from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';

// h makes an element. A property "onx" is a listener, "class" the class, true an
// attribute without a value; false, null and undefined leave the attribute out.
// Children are elements, texts, or lists of them.
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? '' : value);
  }
  append(el, children);
  return el;
}

export function append(el, children) {
  for (const c of [children].flat(Infinity)) {
    if (c === null || c === undefined || c === false) continue;
    el.append(c);
  }
  return el;
}

// icon draws one of icons.js. It says nothing to assistive technology: a word
// stands beside it, or its button has a label.
export function icon(name, cls = 'i') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', cls);
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  for (const d of drawings[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

// brand is the product's sign.
export function brand() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('aria-hidden', 'true');
  for (const [cls, d] of [
    ['b1', 'M5 9.5 16 4l11 5.5L16 15z'], ['b2', 'M5 15.7 16 21.2l11-5.5'], ['b3', 'M5 21.7 16 27.2l11-5.5'],
  ]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', cls);
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

// name isolates a name from the direction of the text around it, and shows
// characters that would not be seen, or would turn the text, as boxes.
export function nameEl(text) {
  return h('bdi', null, visible(text));
}

export function visible(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\u25a1');
}

// say announces a sentence to screen readers; urgent ones interrupt.
export function say(text, urgent = false) {
  const el = document.getElementById(urgent ? 'urgent' : 'polite');
  el.textContent = '';
  // A live region tells of changes: the same sentence twice must be two changes.
  setTimeout(() => { el.textContent = text; }, 30);
}
