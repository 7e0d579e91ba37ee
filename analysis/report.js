"use strict";
// Copy buttons: the command beside them.
document.querySelectorAll('.cmd').forEach(function (line) {
  var button = line.appendChild(document.createElement('button'));
  button.type = 'button';
  button.textContent = 'copy';
});
document.addEventListener('click', function (event) {
  var button = event.target.closest('.cmd button');
  if (!button) return;
  var code = button.parentNode.querySelector('code');
  function done() {
    button.textContent = 'copied';
    setTimeout(function () { button.textContent = 'copy'; }, 1500);
  }
  if (navigator.clipboard && navigator.clipboard.writeText) {
    navigator.clipboard.writeText(code.textContent).then(done, function () {});
    return;
  }
  var range = document.createRange(), selection = getSelection();
  range.selectNodeContents(code);
  selection.removeAllRanges();
  selection.addRange(range);
  try { document.execCommand('copy'); done(); } catch (refused) { /* it is selected */ }
});

// Tables whose rows stand as blocks on a narrow screen: each cell knows the head of its column.
document.querySelectorAll('table.stacks').forEach(function (table) {
  var heads = Array.from(table.tHead ? table.tHead.rows[0].cells : [], function (head) {
    return head.querySelector('.unseen') ? '' : head.textContent;
  });
  Array.from(table.tBodies[0].rows).forEach(function (row) {
    Array.from(row.cells).forEach(function (cell, i) {
      if (heads[i] && cell.textContent) cell.dataset.head = heads[i];
    });
  });
});

// Charts: the values at one place, under the pointer or by the arrow keys; all of them in a table.
function shown(value, unit) {
  if (value == null) return '\u2013';
  var digits = Math.abs(value) < 10 ? 2 : 1;
  return (value.toLocaleString('en', { maximumFractionDigits: digits }) + ' ' + unit).trim();
}

function valuesTable(data) {
  var table = document.createElement('table'), head = table.createTHead().insertRow();
  var names = Object.keys(data.lines), body = table.createTBody();
  ['at'].concat(names).forEach(function (name) {
    var cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = name;
    head.appendChild(cell);
  });
  data.at.forEach(function (at, i) {
    var row = body.insertRow();
    row.insertCell().textContent = at;
    names.forEach(function (name) {
      row.insertCell().textContent = shown(data.lines[name][i], data.unit);
    });
  });
  var scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.appendChild(table);
  return scroll;
}

// The places of the points in thousandths, and their names, where the page has numbers alone.
function chartData(chart) {
  var data = JSON.parse(chart.dataset.chart), ends = data.ends;
  if (!ends) return data;
  data.x = data.at.map(function (at) { return Math.round((at - ends[0]) / (ends[1] - ends[0]) * 1000); });
  data.at = data.at.map(function (at) { return at + data.after; });
  return data;
}

document.querySelectorAll('.chart[data-chart]').forEach(function (chart) {
  var data = chartData(chart), plot = chart.querySelector('.plot');
  var svg = plot.querySelector('svg'), cursor;
  var tip = document.createElement('div'), at = 0, names = Object.keys(data.lines);
  tip.className = 'tip';
  tip.setAttribute('aria-hidden', 'true');
  chart.appendChild(tip);
  cursor = svg.appendChild(document.createElementNS(svg.namespaceURI, 'line'));
  cursor.setAttribute('class', 'cursor');
  cursor.setAttribute('y1', 0);
  cursor.setAttribute('y2', '100%');

  function put(table, name, value) {
    var row = table.insertRow(), cell;
    row.insertCell().textContent = name;
    cell = row.insertCell();
    cell.textContent = value;
    cell.style.textAlign = 'right';
  }
  function name(i) {
    return data.at[i] + ': ' + names.map(function (one) {
      return one + ' ' + shown(data.lines[one][i], data.unit);
    }).join(', ');
  }
  function show(i) {
    at = i;
    var box = svg.getBoundingClientRect(), outer = chart.getBoundingClientRect();
    cursor.setAttribute('x1', data.x[i] / 10 + '%');
    cursor.setAttribute('x2', data.x[i] / 10 + '%');
    cursor.style.visibility = 'visible';
    plot.setAttribute('aria-valuenow', i);
    plot.setAttribute('aria-valuetext', name(i));
    tip.textContent = '';
    var table = document.createElement('table');
    put(table, data.at[i], '');
    names.forEach(function (one) { put(table, one, shown(data.lines[one][i], data.unit)); });
    tip.appendChild(table);
    tip.style.display = 'block';
    var left = box.left - outer.left + data.x[i] * box.width / 1000 + 12;
    if (left + tip.offsetWidth > outer.width) left -= tip.offsetWidth + 24;
    tip.style.left = Math.max(0, left) + 'px';
    tip.style.top = box.top - outer.top + 12 + 'px';
  }
  function hide() {
    tip.style.display = 'none';
    cursor.style.visibility = 'hidden';
  }
  plot.tabIndex = 0;
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-valuemin', 0);
  plot.setAttribute('aria-valuemax', data.x.length - 1);
  plot.setAttribute('aria-valuenow', 0);
  plot.setAttribute('aria-valuetext', name(0));
  plot.addEventListener('mousemove', function (event) {
    var box = svg.getBoundingClientRect(), best = 0;
    var x = (event.clientX - box.left) * 1000 / box.width;
    data.x.forEach(function (px, i) {
      if (Math.abs(px - x) < Math.abs(data.x[best] - x)) best = i;
    });
    show(best);
  });
  plot.addEventListener('mouseleave', hide);
  plot.addEventListener('focus', function () { if (plot.matches(':focus-visible')) show(at); });
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', function (event) {
    var last = data.x.length - 1, page = Math.max(1, Math.round(last / 10));
    var to = {
      ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1,
      PageUp: at + page, PageDown: at - page, Home: 0, End: last,
    }[event.key];
    if (event.key === 'Escape') hide();
    if (to === undefined) return;
    event.preventDefault();
    show(Math.min(last, Math.max(0, to)));
  });

  var fold = document.createElement('details'), title = document.createElement('summary');
  fold.className = 'values';
  title.textContent = 'values';
  var where = chart.closest('section'), caption = chart.querySelector('figcaption').textContent;
  title.setAttribute('aria-label', 'values of: ' + caption + (where ? ', ' + where.id : ''));
  fold.appendChild(title);
  fold.addEventListener('toggle', function () {
    if (!fold.open || fold.querySelector('table')) return;
    fold.appendChild(valuesTable(data)).setAttribute('aria-label', title.getAttribute('aria-label'));
  });
  chart.appendChild(fold);
});

// The content of a closed part waits in a template: a page with thousands of broken cases stays
// quick to draw, to walk through with a screen reader, and to check. It is put back when the part
// is opened, and everywhere before a search, a print, or a link to what is not on the page.
function fill(part) {
  var kept = part.querySelector(':scope > template');
  if (kept) kept.replaceWith(kept.content);
}
function fillAll() {
  var kept;
  while ((kept = document.querySelectorAll('details > template')).length) {
    kept.forEach(function (one) { fill(one.parentNode); });
  }
}
function empty(part) {
  var title = part.querySelector(':scope > summary'), kept = document.createElement('template');
  while (title.nextSibling) kept.content.appendChild(title.nextSibling);
  if (kept.content.firstElementChild) part.appendChild(kept);
}
new MutationObserver(function (changes) {
  changes.forEach(function (change) { if (change.target.open) fill(change.target); });
}).observe(document.body, { attributes: true, attributeFilter: ['open'], subtree: true });
addEventListener('beforeprint', fillAll);
addEventListener('keydown', function (event) {  // the browser's own search
  if ((event.ctrlKey || event.metaKey) && event.key === 'f') fillAll();
});

// A link into a closed part opens it.
function openTarget() {
  var id = decodeURIComponent(location.hash.slice(1)), target = id && document.getElementById(id);
  if (id && !target) {
    fillAll();
    target = document.getElementById(id);
  }
  if (!target) return;
  for (var one = target; one; one = one.parentElement) if (one.tagName === 'DETAILS') one.open = true;
  var first = /^judges-of-/.test(target.id) && target.querySelector('details');
  if (first) first.open = true;
  target.scrollIntoView();
}
addEventListener('hashchange', openTarget);
openTarget();

// Tables that sort: a click on a head, or Enter, sorts by its column; numbers by value.
document.querySelectorAll('table.sorts').forEach(function (table) {
  Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', function () {
      var falling = head.getAttribute('aria-sort') !== 'descending';
      Array.from(table.tHead.rows[0].cells).forEach(function (one) {
        one.removeAttribute('aria-sort');
      });
      head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
      var body = table.tBodies[0], rows = Array.from(body.rows);
      function value(row) {
        var text = row.cells[column].textContent;
        return /^[\d.,]+$/.test(text) ? parseFloat(text.replace(/,/g, '')) : text;
      }
      rows.sort(function (a, b) {
        var x = value(a), y = value(b), less = x < y ? -1 : x > y ? 1 : 0;
        return falling ? -less : less;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
});

// Search and filter: what does not match is left out; closed lists with a match are opened.
(function () {
  var menu = document.querySelector('nav');
  if (!menu) return;
  var BADGE = 'b.pass, b.fail, b.unknown, b.later';
  var tools = document.createElement('div'), timer;
  tools.className = 'tools';
  tools.setAttribute('role', 'search');
  tools.innerHTML = '<label>Search <input type="search"></label>' +
    '<label>Verdict <select><option value="">all</option><option value="fail">fail</option>' +
    '<option value="unknown">unknown</option><option value="pass">pass</option>' +
    '<option value="later">not judged</option></select></label><output></output>';
  menu.after(tools);
  var input = tools.querySelector('input'), choice = tools.querySelector('select');

  function badgeOf(one) {  // of a row without its own, that of its table's title
    return one.querySelector(BADGE) ||
      (one.tagName === 'TR' && one.closest('table').previousElementSibling.querySelector(BADGE));
  }
  function search() {
    fillAll();
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), verdict = choice.value;
    var seen = 0, all = 0;
    document.querySelectorAll('.reqs > details, .fold.listed, .searched > tbody > tr, .searched > .fold')
      .forEach(function (one) {
        var badge = badgeOf(one), text = one.textContent.toLowerCase();
        var fits = words.every(function (word) { return text.includes(word); }) &&
          (!verdict || (badge && badge.classList.contains(verdict)));
        one.classList.toggle('left-out', !fits);
        all += 1;
        seen += fits ? 1 : 0;
        var list = fits && words.length && one.tagName === 'TR' && one.closest('details');
        if (list) list.open = true;
      });
    tools.querySelector('output').textContent =
      words.length || verdict ? seen + ' of ' + all + ' match' : '';
  }
  input.addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  });
  choice.addEventListener('change', search);
})();

// At the end, when every part is set up: the closed ones are emptied, the innermost first.
Array.from(document.querySelectorAll('details:not([open])')).reverse().forEach(empty);
