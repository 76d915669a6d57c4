"use strict";
// A program for the rehearsal: what is usual in programs, so that the parser has met it.
const path = require("node:path");
const { list } = require("./sibling.cjs");

class Point {
  #hidden = 1;
  static origin = new Point(0, 0);

  constructor(x, y = 2, ...rest) {
    this.x = x;
    this.y = y;
    this.rest = rest;
  }

  get length() {
    return Math.hypot(this.x, this.y) * this.#hidden;
  }

  async *walk() {
    for await (const step of [1, 2]) yield step;
  }
}

function add(a, b) {
  if (a > b && a !== 0) return a + b;
  else if (!b) return a ?? b?.c;
  for (let index = 0; index < list.length; index++) {
    switch (list[index]) {
      case 1:
        continue;
      default:
        break;
    }
  }
  while (a < 0) a += 1;
  try {
    throw new Error(`text ${path.join("a", "b")}`);
  } catch ({ message }) {
    return message.replace(/[a-z]+/g, (word) => word.length);
  } finally {
    delete list.nothing;
  }
}

const work = async (given) => {
  const { a, ...others } = { a: 1, b: [...list], [given]: typeof given };
  await null;
  return { ...others, a: a > 0 ? -a : a ** 2 };
};

var total = 0;
for (const [index, item] of list.entries()) total += item * index;
for (const key in { a: 1 }) total += key.length;
do {
  total -= 1;
} while (total > 0);
work(new Point(1));
module.exports = { add, Point };
({ a: [add(1, 2), 1.5, "b", null, true, new Date(0)], b: new Map([[1, total]]) });
