"use strict";
/**
 * Decorators and JSX by the TypeScript compiler, one file at a time, without the types of others. It takes 200 ms and
 * 50 MB to be there, so it is loaded when a file needs it.
 *
 * Decorators are the standard ones, unless tsconfig.json says `experimentalDecorators` or a parameter has a decorator,
 * which the standard does not know.
 */
const Module = require("node:module");
const { declaredKind } = require("../javascript/entry.cjs");
const { ADVICE, jsxOptions, missingPackage } = require("./jsx.cjs");
const { mistakeIn } = require("./mistakes.cjs");
const { optionsFor } = require("./tsconfig.cjs");

const place = require.resolve("typescript-6/lib/typescript.js");
let ts;

/** Leaves nothing of the compiler in the caches, where the program may look. */
function load() {
  ts = require(place);
  delete Module._cache[place];
  for (const [key, path] of Object.entries(Module._pathCache)) if (path === place) delete Module._pathCache[key];
}

/**
 * { code, map, generated }: JavaScript, its source map as JSON, and the lines in front, as `Places.add` takes them.
 * Throws a mistake (`mistakes`).
 */
function compile(path, source, inside) {
  if (ts === undefined) load();
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ESNext);
  const [wrong] = file.parseDiagnostics;
  if (wrong !== undefined) throw mistakeIn(file, wrong, ts);
  const { jsxNode, hasParameterDecorator } = survey(file);
  const options = {
    ...optionsFor(path, ts),
    // The newest target that Node 20 understands, and the newest whose decorators are other code.
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Preserve,
    alwaysStrict: false,
    sourceMap: true,
  };
  if (hasParameterDecorator) options.experimentalDecorators = true;
  if (jsxNode !== null) {
    const chosen = jsxOptions(file, path, options, ts);
    const missing = chosen === null ? ADVICE : missingPackage(chosen, path);
    if (missing !== null) throw mistakeIn(file, { start: jsxNode.getStart(file), messageText: missing }, ts);
    if (chosen.jsxImportSource !== undefined && !isModule(file, path, options, inside)) {
      // What JSX calls is imported by `require` then; the compiler would make a module of the file otherwise.
      options.module = ts.ModuleKind.CommonJS;
    }
    Object.assign(options, chosen);
  }
  const { code, map } = transpile(file, options);
  const lines = linesInFront(code, JSON.parse(map).mappings);
  const generated = lines === null ? null : { ...lines, place: placeOf(jsxNode ?? file.statements[0], file) };
  return { code: code + endOf(file, path, code, inside), map, generated };
}

function transpile({ fileName, text }, compilerOptions) {
  const output = ts.transpileModule(text, { fileName, compilerOptions, reportDiagnostics: true });
  const wrong = output.diagnostics.find(({ file }) => file !== undefined);
  if (wrong !== undefined) throw mistakeIn(wrong.file, wrong, ts);
  return { code: output.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, ""), map: output.sourceMapText };
}

/** Whether the file is a module for Node if JSX does not make it one. */
function isModule(file, path, options, inside) {
  const kind = declaredKind(path);
  if (kind !== null) return kind === "module";
  return (
    hasModuleStatement(file) || inside.isModuleSyntax(transpile(file, { ...options, jsx: ts.JsxEmit.React }).code, path)
  );
}

/** An import or export, of types too, but for the two that scripts may have: `import x = require()` and `export =`. */
function hasModuleStatement({ statements }) {
  return statements.some(
    (node) =>
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node) ||
      (ts.isExportAssignment(node) && !node.isExportEquals) ||
      node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
}

/** What the code needs at its end. */
function endOf(file, path, code, inside) {
  // The assignment that decorates a class is no expression of the program, whose value it would be.
  const end = endsInClass(file) ? "{}" : "";
  const isNoLonger = hasModuleStatement(file) && declaredKind(path) === null && !inside.isModuleSyntax(code, path);
  return isNoLonger ? `${end}\nexport {};` : end;
}

/** The first element of JSX, or null, and whether a parameter has a decorator. */
function survey(file) {
  const found = { jsxNode: null, hasParameterDecorator: false };
  // A list instead of calls: a sum of thousands of terms is nested as deep.
  const left = [file];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) found.jsxNode ??= node;
    if (ts.isParameter(node) && node.modifiers?.some(ts.isDecorator)) found.hasParameterDecorator = true;
    const children = [];
    ts.forEachChild(node, (child) => {
      children.push(child);
    });
    for (const child of children.reverse()) left.push(child);
  }
  return found;
}

/** Helper functions and the import for JSX, which stand before the first line that comes from the file's code. */
function linesInFront(code, mappings) {
  const lines = code.split("\n");
  const isNew = mappings.split(";").map((line) => line === "");
  const isFirst = /^(?:"use strict";|var (__\w+) = \(this && this\.\1\) \|\||import \{|const \w+ = require\()/;
  const first = lines.findIndex((line, index) => isNew[index] && isFirst.test(line));
  if (first < 0) return null;
  const next = isNew.indexOf(false, first);
  return { from: first + 1, to: next < 0 ? lines.length : next };
}

function placeOf(node, file) {
  const { line, character } = ts.getLineAndCharacterOfPosition(file, node.getStart(file));
  return { line: line + 1, column: character + 1 };
}

function endsInClass({ statements }) {
  const runs = (node) => !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node);
  const last = statements.findLast(runs);
  return last !== undefined && ts.isClassDeclaration(last);
}

module.exports = { compile };
