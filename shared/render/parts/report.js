"use strict";
// Sorts and filters the table where it stands. Without it the table is as it was written.
(() => {
  const table = document.getElementById("rows"), head = table.tHead.rows[0], together = 100;
  const rows = [...table.tBodies].flatMap(body => [...body.rows]), heads = [...head.cells], words = document.getElementById("controls").dataset;
  const types = heads.map(cell => cell.dataset.t), search = document.getElementById("search");
  const found = document.getElementById("found"), order = new Intl.Collator(document.documentElement.lang, {numeric: true});
  const text = (row, at) => row.cells[at].textContent;
  const number = told => told === "" ? NaN : Number(told.replaceAll(",", ""));
  const count = shown => { found.value = words.found.replace("{shown}", shown.toLocaleString()).replace("{rows}", rows.length.toLocaleString()); };
  const wide = String.prototype.normalize, plain = told => wide.call(told, "NFKC").toLowerCase();

  // What is unknown stands last, whichever way.
  const compare = (at, sign) => (a, b) => {
    const [x, y] = [a.key, b.key];
    if (x === "" || y === "" || x !== x || y !== y) return (x === "" || x !== x) - (y === "" || y !== y) || a.place - b.place;
    const by = types[at] === "n" ? x - y : types[at] === "d" ? (x < y ? -1 : x > y) : order.compare(x, y);
    return by * sign || a.place - b.place;
  };
  // A hundred rows to a body, which is laid out when it comes into sight.
  const lay = ordered => {
    const bodies = [];
    for (let place = 0; place < ordered.length; place += together) {
      const body = document.createElement("tbody");
      body.append(...ordered.slice(place, place + together));
      bodies.push(body);
    }
    table.replaceChildren(table.tHead, ...bodies);
  };
  const sort = (at, sign) => {
    const keyed = rows.map((row, place) => ({row, place, key: types[at] === "n" ? number(text(row, at)) : text(row, at)}));
    keyed.sort(compare(at, sign));
    lay(keyed.map(one => one.row));
    heads.forEach((cell, place) => place === at ? cell.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending") : cell.removeAttribute("aria-sort"));
  };
  heads.forEach((cell, at) => {
    // The name stays outside: a browser repeats no head of a table on paper that has its text in buttons.
    const button = document.createElement("button"), name = cell.textContent;
    button.type = "button";
    button.setAttribute("aria-label", words.sort.replace("{column}", name));
    cell.setAttribute("aria-label", name);
    cell.append(" ", button);
    cell.addEventListener("click", () => sort(at, cell.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  });

  // A filter is a part of the text; of numbers and dates also < <= > >= = and a value.
  const bound = /^(<=|>=|<|>|=)\s*(.+)$/;
  const test = (told, at) => {
    const asked = plain(told.trim()), parts = types[at] === "n" || types[at] === "d" ? bound.exec(asked) : null;
    if (!asked) return null;
    if (!parts) return cell => plain(cell).includes(asked);
    const value = types[at] === "n" ? number(parts[2]) : parts[2], of = cell => types[at] === "n" ? number(cell) : cell.slice(0, value.length);
    const by = {"<": x => x < value, "<=": x => x <= value, ">": x => x > value, ">=": x => x >= value, "=": x => x === value}[parts[1]];
    return cell => cell !== "" && by(of(cell));
  };
  const line = table.tHead.insertRow();
  line.className = "filters";
  const fields = heads.map((cell, at) => {
    const name = cell.firstChild.textContent, field = document.createElement(types[at] === "c" ? "select" : "input");
    field.setAttribute("aria-label", words.filter.replace("{column}", name));
    if (types[at] === "c") {
      field.append(new Option(words.all, ""));
      (window.requestIdleCallback ?? setTimeout)(() => {
        const seen = [...new Set(rows.map(row => text(row, at)))].sort((a, b) => (a === "") - (b === "") || order.compare(a, b));
        field.append(...seen.map(told => new Option(told || words.none, "=" + told)));
      });
    }
    line.append(document.createElement("td"));
    line.cells[at].append(field);
    field.addEventListener("input", later);
    return field;
  });
  let texts = null, waits = 0;
  function later() { clearTimeout(waits); waits = setTimeout(filter, 120); }
  function filter() {
    const tests = fields.map((field, at) => types[at] === "c" ? field.value && (cell => "=" + cell === field.value) : test(field.value, at));
    const asked = plain(search.value.trim());
    if (asked) texts ??= new Map(rows.map(row => [row, plain([...row.cells].map(cell => cell.textContent).join("\n"))]));
    let shown = 0;
    for (const row of rows) {
      row.hidden = asked && !texts.get(row).includes(asked) || tests.some((one, at) => one && !one(text(row, at)));
      shown += !row.hidden;
    }
    count(shown);
  }
  search.addEventListener("input", later);
  const figure = document.querySelector("main > figure");
  if (figure) figure.parentNode.prepend(figure);
  document.getElementById("controls").hidden = false;
  count(rows.length);
})();
