import { readFileSync } from "node:fs";
import { problems } from "@glovebox/protocol";
import { expect, test } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createMemoryStore } from "../store/index.ts";
import { createFakePrograms } from "../testing/fake-programs.ts";
import { commonProblems } from "./route.ts";
import { routesOf } from "./routes.ts";

const engine = createEngine(
  createFakePrograms(function* () {}),
  createMemoryStore(),
);
const routes = routesOf({ engine, heartbeatMs: 1, version: "1.2.3", log: () => {} });

test("every route has a heading in docs/http.md, and no other has one", () => {
  const document = readFileSync(new URL("../../../../docs/http.md", import.meta.url), "utf8");
  const headings = [...document.matchAll(/^## `([A-Z]+ \/.*)`$/gm)].map(([, heading]) => heading);
  const documented = (url: string) => url.replace(/:(\w+)/g, "{$1}").replace("*", "{path}");
  expect(headings.sort()).toEqual(routes.map(({ method, url }) => `${method} ${documented(url)}`).sort());
});

test("the problems of every route exist, and none is named twice", () => {
  for (const { problems: own, url } of routes) {
    const all = [...commonProblems, ...own];
    expect({ url, unknown: all.filter((code) => !Object.hasOwn(problems, code)) }).toEqual({ url, unknown: [] });
    expect(new Set(all).size).toBe(all.length);
  }
});

test("a method and a path have one route", () => {
  const keys = routes.map(({ method, url }) => `${method} ${url}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("every parameter of a path has a schema", () => {
  for (const { url, params } of routes) {
    const names = [...url.matchAll(/:(\w+)|(\*)/g)].map(([, name, rest]) => name ?? rest);
    const shape = params !== undefined && "shape" in params ? Object.keys(params.shape as object) : [];
    expect({ url, shape }).toEqual({ url, shape: names });
  }
});
