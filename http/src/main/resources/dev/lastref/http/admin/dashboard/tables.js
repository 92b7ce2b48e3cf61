// The tables: who holds memory, what is stored, how the origins are. Rows are known by a key and changed in place, so that focus and selection stay. All that
// comes from outside, such as URLs and tags, is set as text.

import {bytes, count, span, time} from './format.js';

/** Rows of a table in the page. */
export class Table {
  #body;
  #columns;
  #rows = new Map();

  /** columns: [{value: (item) => text, number, code}] */
  constructor(table, columns) {
    this.#body = table.tBodies[0];
    this.#columns = columns;
    const heads = [...table.tHead.rows[0].cells].map((each) => each.textContent);
    columns.forEach((column, index) => { column.head = heads[index]; });
  }

  draw(items, keyOf, onCreate = () => {}) {
    const keys = new Set();
    items.forEach((item, index) => {
      let key = keyOf(item);
      while (keys.has(key)) key += ' again';
      keys.add(key);
      let row = this.#rows.get(key);
      if (row === undefined) {
        row = document.createElement('tr');
        for (const column of this.#columns) {
          const cell = document.createElement('td');
          cell.dataset.head = column.head;
          if (column.number) cell.className = 'number';
          if (column.code) cell.className = 'code';
          row.append(cell);
        }
        this.#rows.set(key, row);
        onCreate(row, () => row.item);
      }
      row.item = item;
      this.#columns.forEach((column, i) => {
        if (column.value === undefined) return;
        const text = column.value(item);
        const cell = row.cells[i];
        if (cell.textContent !== text) cell.textContent = text;
        cell.classList.toggle('blank', text === '');
      });
      const there = this.#body.rows[index];
      if (there !== row) this.#body.insertBefore(row, there ?? null);
    });
    for (const [key, row] of this.#rows) {
      if (!keys.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }
  }
}

export class Holders {
  #table = new Table(document.getElementById('holders'), [
    {value: (each) => each.peer, code: true},
    {value: (each) => each.path ?? '', code: true},
    {value: (each) => each.state},
    {value: (each) => bytes(each.bytes), number: true},
    {value: (each) => span(each.heldSeconds), number: true},
    {value: (each) => span(each.secondsWithoutProgress), number: true},
    {value: (each) => each.segments.join(' '), code: true},
  ]);
  #map;

  constructor(map) {
    this.#map = map;
  }

  draw(report) {
    const listed = report.transmissions;
    document.getElementById('holders-facts').textContent = report.connections === 0 ? ''
      : `${report.connections} ${report.connections === 1 ? 'connection' : 'connections'}, at most ${bytes(report.pinnedBytes)}`
        + (report.connections > listed.length ? `; the ${listed.length} that have stood still longest` : '');
    document.getElementById('no-holders').hidden = listed.length > 0;
    document.getElementById('holders').hidden = listed.length === 0;
    this.#table.draw(listed, (each) => each.peer + ' ' + each.local, (row, item) => {
      row.tabIndex = 0;
      const mark = () => this.#map.mark(item().segments);
      const unmark = () => this.#map.mark([]);
      row.addEventListener('pointerenter', mark);
      row.addEventListener('focus', mark);
      row.addEventListener('pointerleave', unmark);
      row.addEventListener('blur', unmark);
    });
  }
}

export class Origins {
  #table = new Table(document.getElementById('origins'), [
    {value: (each) => each.url, code: true},
    {value: (each) => each.available ? each.state === 'up' ? 'up' : 'tried again' : each.state
      + (each.availableInSeconds > 0 ? ', asked again in ' + span(Math.ceil(each.availableInSeconds)) + (each.state === 'down' ? ' at the earliest' : '') : '')},
    {value: (each) => count(each.running), number: true},
    {value: (each) => count(each.waiting), number: true},
    {value: (each) => count(each.answered), number: true},
    {value: (each) => count(each.failed), number: true},
    {value: (each) => each.lastError === null ? '' : time(Date.parse(each.lastErrorAt)) + ' ' + each.lastError, code: true},
  ]);

  /** A sole origin is shown once something has gone wrong. */
  draw(report) {
    const all = report.origins;
    const away = all.filter((each) => !each.available).length;
    document.getElementById('origins').closest('section').hidden = all.length === 1 && all[0].lastError === null;
    document.getElementById('origins-facts').textContent = away === 0 ? '' : away + ' of ' + all.length + ' not asked';
    this.#table.draw(all, (each) => each.url, (row) => { row.cells[1].classList.add('origin-state'); });
    for (const row of document.getElementById('origins').tBodies[0].rows) row.cells[1].classList.toggle('bad', !row.item.available);
  }
}

export class Entries {
  #onPurge;
  #table = new Table(document.getElementById('entries'), [
    {value: (each) => each.url, code: true},
    {value: (each) => each.variant, code: true},
    {value: (each) => String(each.status), number: true},
    {value: (each) => bytes(each.length), number: true},
    {value: (each) => bytes(each.bytes), number: true},
    {value: (each) => span(each.ageSeconds), number: true},
    {value: (each) => each.ttlSeconds < 0 ? 'stale' : span(each.ttlSeconds), number: true},
    {value: (each) => each.tags.join(' '), code: true},
    {},
  ]);

  /** onPurge: told the URL that somebody wants to purge. */
  constructor(onPurge) {
    this.#onPurge = onPurge;
  }

  draw(page) {
    document.getElementById('entries-facts').textContent = (page.truncated ? `the first ${page.entries.length}` : String(page.entries.length))
      + ', as of ' + time(Date.now());
    document.getElementById('no-entries').hidden = page.entries.length > 0;
    document.getElementById('entries').hidden = page.entries.length === 0;
    const sorted = [...page.entries].sort((a, b) => a.url < b.url ? -1 : a.url > b.url ? 1 : a.variant < b.variant ? -1 : 1);
    this.#table.draw(sorted, (each) => each.url + '\n' + each.variant, (row, item) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'quiet';
      button.textContent = 'Purge …';
      button.addEventListener('click', () => this.#onPurge(item().url));
      row.cells[8].append(button);
      row.cells[8].className = 'action';
    });
  }
}
