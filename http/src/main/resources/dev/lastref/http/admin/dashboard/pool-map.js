// The pool: a bar of its bytes by state, and a map with a cell for each segment. A segment keeps its cell until it is released.

import {about, bytes, share} from './format.js';

const USES = [
  ['live', 'in stored responses'],
  ['dead', 'in filled segments, of no use any more'],
  ['filling', 'prepared or being filled, not yet cut'],
  ['retired', 'given up; sends that began before still run'],
  ['draining', 'given up; the kernel still holds pages'],
  ['unproven', 'given up; the kernel cannot be asked'],
  ['free', 'in no segment'],
];
/** More would make the page slow; a pool has as many segments only beyond 32 GiB. */
const MOST_CELLS = 4096;
const CLASSES = [0, 4, 16, 64, 256, 1024, 4096, 16384];

function text(element, content) {
  if (element.textContent !== content) element.textContent = content;
}

function lifetimeOf(segment) {
  return segment.leastLifetimeSeconds === null ? null : CLASSES.findLastIndex((bound) => segment.leastLifetimeSeconds >= bound);
}

class Bar {
  #parts = new Map();
  #rows = new Map();
  #bar = document.getElementById('bar');

  constructor() {
    const body = document.querySelector('#bytes tbody');
    for (const [use, meaning] of USES) {
      const part = document.createElement('span');
      part.className = 'part ' + use;
      this.#bar.append(part);
      this.#parts.set(use, part);

      const row = document.createElement('tr');
      const name = document.createElement('th');
      name.scope = 'row';
      const swatch = document.createElement('span');
      swatch.className = 'swatch ' + use;
      name.append(swatch, use);
      const size = document.createElement('td');
      const portion = document.createElement('td');
      const means = document.createElement('td');
      size.className = portion.className = 'number';
      means.className = 'meaning';
      means.textContent = meaning;
      row.append(name, size, portion, means);
      body.append(row);
      this.#rows.set(use, {row, size, portion});
    }
  }

  draw(pool) {
    const said = [];
    for (const [use] of USES) {
      const count = pool.bytes[use] ?? 0;
      const part = this.#parts.get(use);
      part.style.flexGrow = (count / pool.capacity).toFixed(5);
      part.dataset.bytes = String(count);
      part.hidden = count === 0;
      const {row, size, portion} = this.#rows.get(use);
      row.classList.toggle('faint', count === 0);
      text(size, bytes(count));
      text(portion, share(count / pool.capacity));
      if (count > 0) said.push(use + ' ' + bytes(count));
    }
    this.#bar.setAttribute('aria-label', 'Bytes of the pool by state: ' + said.join(', '));
    text(document.getElementById('capacity'), bytes(pool.capacity));
    text(document.getElementById('target'), pool.target === pool.capacity ? '' : 'shrinks to ' + bytes(pool.target) + ' as the kernel lets go');
  }
}

export class PoolMap {
  #bar = new Bar();
  #map = document.getElementById('map');
  #details = document.getElementById('segment');
  #cells = [];
  #slots = new Map();
  #active = null;
  #holders = new Map();
  #pool = null;

  constructor() {
    this.#map.addEventListener('pointermove', (event) => this.#point(event));
    this.#map.addEventListener('pointerdown', (event) => this.#point(event));
    this.#map.addEventListener('focus', () => {
      if (this.#active === null && this.#cells.length > 0) this.#activate(0);
    });
    this.#map.addEventListener('keydown', (event) => this.#key(event));
    for (const radio of document.querySelectorAll('input[name=colours]')) {
      radio.addEventListener('change', () => this.#colour());
    }
    const key = document.getElementById('lifetimes');
    CLASSES.forEach((bound, index) => {
      const item = document.createElement('li');
      const swatch = document.createElement('span');
      swatch.className = 'swatch age-' + index;
      item.append(swatch, 'from ' + about(bound));
      key.append(item);
    });
    this.#colour();
  }

  #colour() {
    const chosen = document.querySelector('input[name=colours]:checked').value;
    this.#map.dataset.colours = chosen;
    document.getElementById('lifetimes').hidden = chosen !== 'lifetime';
  }

  #point(event) {
    const cell = event.target.closest('.cell');
    if (cell !== null) this.#activate(this.#cells.findIndex((each) => each.element === cell));
  }

  #columns() {
    const top = this.#cells[0]?.element.offsetTop;
    const next = this.#cells.findIndex((each) => each.element.offsetTop !== top);
    return next < 0 ? this.#cells.length : next;
  }

  #key(event) {
    const at = this.#active ?? 0;
    const last = this.#cells.length - 1;
    const by = {
      ArrowLeft: () => at - 1, ArrowRight: () => at + 1, ArrowUp: () => at - this.#columns(), ArrowDown: () => at + this.#columns(),
      Home: () => 0, End: () => last,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const to = by();
    if (to >= 0 && to <= last) this.#activate(to);
  }

  #activate(index) {
    if (index < 0) return;
    const before = this.#active === null ? undefined : this.#cells[this.#active];
    before?.element.setAttribute('aria-selected', 'false');
    this.#active = index;
    const cell = this.#cells[index];
    cell.element.setAttribute('aria-selected', 'true');
    this.#map.setAttribute('aria-activedescendant', cell.element.id);
    this.#describe();
  }

  /** Which connections may hold pages of which segment. */
  hold(transmissions) {
    this.#holders = new Map();
    for (const each of transmissions) {
      for (const id of each.segments) {
        if (!this.#holders.has(id)) this.#holders.set(id, []);
        this.#holders.get(id).push(each);
      }
    }
  }

  /** Rings around the cells of these segments. */
  mark(ids) {
    for (const cell of this.#cells) cell.element.classList.toggle('marked', cell.segment !== null && ids.includes(cell.segment.id));
  }

  draw(pool) {
    this.#pool = pool;
    this.#bar.draw(pool);
    const wanted = Math.min(MOST_CELLS, Math.max(pool.segments.length, Math.floor(pool.capacity / pool.segmentSize)));
    const all = Math.max(pool.segments.length, Math.floor(pool.capacity / pool.segmentSize));
    text(document.getElementById('pool-facts'),
      `${pool.segments.length} of ${all} segments of ${bytes(pool.segmentSize)}, ${pool.extents} extents`
      + (all > wanted ? `; the map shows ${wanted}` : ''));
    this.#arrange(pool.segments, wanted);
    this.#map.dataset.many = wanted <= 64 ? 'few' : wanted <= 256 ? 'some' : wanted <= 512 ? 'more' : wanted <= 1024 ? 'many' : 'most';
    for (const cell of this.#cells) this.#paint(cell);
    this.#describe();
  }

  #arrange(segments, wanted) {
    const there = new Set(segments.map((each) => each.id));
    for (const [id, index] of this.#slots) {
      if (!there.has(id) || index >= wanted) {
        this.#slots.delete(id);
        this.#cells[index].segment = null;
      }
    }
    while (this.#cells.length > wanted) this.#cells.pop().element.remove();
    while (this.#cells.length < wanted) {
      const element = document.createElement('div');
      element.className = 'cell';
      element.id = 'cell-' + this.#cells.length;
      element.setAttribute('role', 'option');
      element.setAttribute('aria-selected', 'false');
      this.#map.append(element);
      this.#cells.push({element, segment: null, painted: ''});
    }
    if (this.#active !== null && this.#active >= wanted) this.#active = null;
    let next = 0;
    for (const segment of segments) {
      let index = this.#slots.get(segment.id);
      if (index === undefined) {
        while (next < wanted && this.#cells[next].segment !== null) next++;
        if (next >= wanted) continue;
        index = next;
        this.#slots.set(segment.id, index);
      }
      this.#cells[index].segment = segment;
    }
  }

  #paint(cell) {
    const {element, segment} = cell;
    if (segment === null) {
      if (cell.painted === 'free') return;
      cell.painted = 'free';
      element.dataset.state = 'free';
      delete element.dataset.age;
      element.classList.remove('held');
      element.setAttribute('aria-label', 'no segment: free');
      return;
    }
    const state = segment.state.toLowerCase();
    const {live, dead, uncut} = partsOf(segment);
    const held = this.#holders.has(segment.id);
    const age = lifetimeOf(segment);
    const painted = [segment.id, state, live, dead, age, held].join();
    if (painted === cell.painted) return;
    cell.painted = painted;
    element.dataset.state = state;
    if (age === null) delete element.dataset.age;
    else element.dataset.age = String(age);
    element.classList.toggle('held', held);
    element.style.setProperty('--live-part', (100 * live / segment.size).toFixed(1) + '%');
    element.style.setProperty('--used-part', (100 * (live + dead) / segment.size).toFixed(1) + '%');
    element.setAttribute('aria-label', `segment ${segment.id}, ${state}, ${share(live / segment.size)} live, `
      + `${share(dead / segment.size)} dead, ${share(uncut / segment.size)} not cut` + (held ? ', held by clients' : ''));
  }

  #describe() {
    const segment = this.#active === null ? undefined : this.#cells[this.#active]?.segment;
    const rows = [];
    if (segment === null) {
      rows.push(['Segment', 'none here'], ['State', 'free']);
    } else if (segment !== undefined) {
      const {live, dead, uncut} = partsOf(segment);
      const state = segment.state.toLowerCase();
      rows.push(['Segment', String(segment.id)], ['State', state], ['Size', bytes(segment.size)]);
      if (state === 'filling' || state === 'live' || state === 'prepared') {
        rows.push(['Live', bytes(live)], ['Dead', bytes(dead)], ['Not cut', bytes(uncut)],
          ...(segment.charged < segment.size ? [['Punched', bytes(segment.size - segment.charged)]] : []), ['Extents', String(segment.extents)]);
      } else {
        rows.push([state[0].toUpperCase() + state.slice(1), bytes(segment.size)]);
      }
      rows.push(['Lifetime', segment.leastLifetimeSeconds === null ? '–' : 'from ' + about(segment.leastLifetimeSeconds)]);
      if (segment.probes > 0) rows.push(['Seal refused', segment.probes + (segment.probes === 1 ? ' time' : ' times')]);
      const holders = this.#holders.get(segment.id) ?? [];
      if (holders.length > 0) {
        rows.push(['May be held by', holders.slice(0, 3).map((each) => each.peer).join(', ') + (holders.length > 3 ? ` and ${holders.length - 3} more` : '')]);
      }
    }
    const said = JSON.stringify(rows);
    if (said === this.#details.dataset.said) return;
    this.#details.dataset.said = said;
    this.#details.replaceChildren(...rows.map(([name, value]) => {
      const pair = document.createElement('div');
      const term = document.createElement('dt');
      const definition = document.createElement('dd');
      term.textContent = name;
      definition.textContent = value;
      pair.append(term, definition);
      return pair;
    }));
  }
}

/** What a segment's bytes are: those of a retired or draining one are all given up. */
function partsOf(segment) {
  const state = segment.state;
  if (state === 'PREPARED') return {live: 0, dead: 0, uncut: segment.size};
  if (state !== 'FILLING' && state !== 'LIVE') return {live: 0, dead: 0, uncut: 0};
  const uncut = state === 'FILLING' ? segment.size - segment.allocated : 0;
  return {live: segment.live, dead: segment.charged - segment.unproven - uncut - segment.live, uncut};
}
