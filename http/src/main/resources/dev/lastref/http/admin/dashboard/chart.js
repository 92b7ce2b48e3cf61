// A small chart of the last minutes: lines, or areas on top of each other. The newest is at the right; pointing at it, or the arrow
// keys, show the values of another moment.

import {time} from './format.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 100;

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** The next of 1, 2, 5, 10, 20 … that is not below. */
export function niceCeiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= value * 0.999);
}

/** Where values lie between the bottom, 0, and the top, 1. */
class Scale {
  /** From 0 to the next nice number. */
  static linear(highest) {
    const ceiling = niceCeiling(highest);
    return new Scale(0, ceiling, [0.5], (value) => value / ceiling);
  }

  /** Whole powers of ten, so that what is a thousand times less is seen too. */
  static logarithmic(values) {
    const positive = values.filter((value) => value > 0);
    const top = Math.ceil(Math.log10(Math.max(...positive, 1e-3)));
    const bottom = Math.min(top - 1, Math.floor(Math.log10(Math.min(...positive, 1e-3))));
    const inner = [];
    for (let power = bottom + 1; power < top; power++) inner.push((power - bottom) / (top - bottom));
    return new Scale(10 ** bottom, 10 ** top, inner, (value) => value <= 0 ? 0 : Math.max(0, (Math.log10(value) - bottom) / (top - bottom)));
  }

  constructor(lowest, highest, inner, part) {
    this.lowest = lowest;
    this.highest = highest;
    this.inner = inner;
    this.part = part;
  }
}

function pathOf(points) {
  let path = '';
  let open = false;
  for (const [x, y] of points) {
    if (y === null) {
      open = false;
    } else {
      path += (open ? 'L' : 'M') + x.toFixed(1) + ' ' + y.toFixed(2);
      open = true;
    }
  }
  return path;
}

export class Chart {
  #title;
  #series;
  #stacked;
  #logarithmic;
  #format;
  #seconds = 1;
  #root;
  #plot;
  #grid;
  #cursor;
  #top;
  #bottom;
  #when;
  #samples = [];
  #shown = null;

  /** series: [{name, colour, value: (sample) => number or null}]; an area of a stack has the colour's class. */
  constructor(parent, {title, series, stacked = false, logarithmic = false, format}) {
    this.#title = title;
    this.#stacked = stacked;
    this.#format = format;
    this.#logarithmic = logarithmic;

    this.#root = document.createElement('figure');
    this.#root.className = 'chart';
    const caption = document.createElement('figcaption');
    const name = document.createElement('h3');
    name.textContent = title;
    this.#when = document.createElement('span');
    this.#when.className = 'muted small';
    caption.append(name, this.#when);

    const frame = document.createElement('div');
    frame.className = 'frame';
    frame.tabIndex = 0;
    frame.setAttribute('role', 'img');
    frame.setAttribute('aria-label', title + ': nothing yet');
    this.#top = document.createElement('span');
    this.#top.className = 'scale top-end';
    this.#bottom = document.createElement('span');
    this.#bottom.className = 'scale bottom-end';
    this.#plot = svg('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
    this.#grid = svg('path', {class: 'grid'});
    this.#plot.append(this.#grid);
    this.#cursor = svg('line', {class: 'cursor', y1: 0, y2: HEIGHT});
    this.#cursor.style.display = 'none';

    const key = document.createElement('ul');
    key.className = 'key';
    this.#series = series.map((each) => {
      const path = svg('path', {class: (stacked ? 'area ' : 'line ') + each.colour});
      this.#plot.append(path);
      const item = document.createElement('li');
      const swatch = document.createElement('span');
      swatch.className = 'swatch ' + each.colour;
      const value = document.createElement('span');
      value.className = 'value';
      item.append(swatch, each.name + ' ', value);
      key.append(item);
      return {...each, path, text: value, item};
    });
    this.#plot.append(this.#cursor);
    frame.append(this.#plot, this.#top, this.#bottom);
    this.#root.append(caption, frame, key);
    parent.append(this.#root);
    this.frame = frame;

    frame.addEventListener('pointermove', (event) => {
      const box = frame.getBoundingClientRect();
      this.#show(this.#nearest((event.clientX - box.left) / box.width));
    });
    frame.addEventListener('pointerleave', () => this.#show(null));
    frame.addEventListener('blur', () => this.#show(null));
    frame.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event) {
    const last = this.#samples.length - 1;
    const at = this.#shown === null ? last : this.#samples.indexOf(this.#shown);
    const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, Escape: last}[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    this.#show(next === last ? null : this.#samples[next]);
  }

  #nearest(part) {
    if (this.#samples.length === 0) return null;
    const millis = this.#samples.at(-1).millis - (1 - part) * this.#seconds * 1000;
    return this.#samples.reduce((a, b) => Math.abs(b.millis - millis) < Math.abs(a.millis - millis) ? b : a);
  }

  #show(sample) {
    this.#shown = sample;
    this.#label();
  }

  #x(sample) {
    return WIDTH * (1 - (this.#samples.at(-1).millis - sample.millis) / (this.#seconds * 1000));
  }

  /** The samples, and how many seconds back the left end is. */
  draw(samples, seconds) {
    this.#samples = samples;
    this.#seconds = seconds;
    if (samples.length === 0) {
      for (const each of this.#series) each.path.setAttribute('d', '');
      return;
    }
    const rows = samples.map((sample) => this.#series.map((each) => each.value(sample)));
    const scale = this.#logarithmic
      ? Scale.logarithmic(rows.flat())
      : Scale.linear(Math.max(...rows.map((row) => this.#stacked ? row.reduce((a, b) => a + (b ?? 0), 0) : Math.max(...row.map((each) => each ?? 0)))));
    this.#top.textContent = this.#format(scale.highest);
    this.#bottom.textContent = scale.lowest === 0 ? '' : this.#format(scale.lowest);
    this.#grid.setAttribute('d', [1, ...scale.inner].map((part) => `M0 ${HEIGHT * (1 - part)}H${WIDTH}`).join(''));
    const xs = samples.map((sample) => this.#x(sample));
    const y = (value) => HEIGHT * (1 - scale.part(value));
    const floor = samples.map(() => 0);
    this.#series.forEach((each, index) => {
      if (this.#stacked) {
        const lower = floor.map((value, i) => [xs[i], y(value)]);
        rows.forEach((row, i) => { floor[i] += row[index] ?? 0; });
        const upper = floor.map((value, i) => [xs[i], y(value)]);
        each.path.setAttribute('d', pathOf([...upper, ...lower.reverse()]) + 'Z');
      } else {
        each.path.setAttribute('d', pathOf(rows.map((row, i) => [xs[i], row[index] === null ? null : y(row[index])])));
      }
    });
    this.#label();
  }

  #label() {
    const sample = this.#shown !== null && this.#samples.includes(this.#shown) ? this.#shown : this.#samples.at(-1);
    if (sample === undefined) return;
    const other = sample === this.#shown;
    this.#when.textContent = other ? time(sample.millis) : '';
    this.#cursor.style.display = other ? '' : 'none';
    if (other) {
      this.#cursor.setAttribute('x1', this.#x(sample));
      this.#cursor.setAttribute('x2', this.#x(sample));
    }
    const texts = this.#series.map((each) => {
      const value = each.value(sample);
      each.text.textContent = this.#format(value);
      each.item.classList.toggle('faint', !value);
      return each.name + ' ' + this.#format(value);
    });
    this.frame.setAttribute('aria-label', this.#title + (other ? ' at ' + time(sample.millis) : ' now') + ': ' + texts.join(', '));
  }
}

/** A line without axes, for beside a number. */
export class Sparkline {
  #path;

  constructor(parent) {
    const plot = svg('svg', {class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
    this.#path = svg('path', {class: 'line'});
    plot.append(this.#path);
    parent.append(plot);
  }

  draw(samples, value, seconds, ceiling = null) {
    if (samples.length === 0) return;
    const values = samples.map(value);
    const highest = ceiling ?? Math.max(...values.map((each) => each ?? 0), Number.MIN_VALUE);
    const newest = samples.at(-1).millis;
    this.#path.setAttribute('d', pathOf(values.map((each, i) => [
      WIDTH * (1 - (newest - samples[i].millis) / (seconds * 1000)),
      each === null ? null : HEIGHT * (0.96 - 0.92 * each / highest),
    ])));
  }
}
