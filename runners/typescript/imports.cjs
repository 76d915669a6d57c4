"use strict";
/**
 * Drops the imports that nothing in a file uses any more once its types are blank: what they name may be a type, which
 * the other file does not export when it runs. Blanks take their place.
 */

/** Names as they are used are `Identifier`; those that only say which member is meant do not count. */
const memberKeys = {
  MemberExpression: "property",
  Property: "key",
  MethodDefinition: "key",
  PropertyDefinition: "key",
};

function dropUnusedImports(code, parse) {
  if (parse === null || !/\bimport\b/.test(code)) return code;
  let tree;
  try {
    tree = parse(code, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  } catch {
    return code;
  }
  const imports = tree.body.filter(({ type }) => type === "ImportDeclaration");
  if (imports.length === 0) return code;
  const used = new Set();
  for (const statement of tree.body) if (statement.type !== "ImportDeclaration") collectNames(statement, used);
  const ranges = imports.flatMap((statement) => unusedRanges(statement, used, code));
  return ranges.reduceRight(
    (text, [from, to]) => text.slice(0, from) + blank(text.slice(from, to)) + text.slice(to),
    code,
  );
}

/** Ranges to blank, in order: the whole statement, or single names with their commas. */
function unusedRanges(statement, used, code) {
  const { specifiers, start, end, source } = statement;
  const unused = specifiers.filter(({ local }) => !used.has(local.name));
  if (specifiers.length === 0) {
    // `import "x"` is for its effects; `import {} from "x"` is what is left of types.
    return code.slice(start, source.start).includes("{") ? [[start, end]] : [];
  }
  if (unused.length === specifiers.length) return [[start, end]];
  return unused.map((specifier) => {
    const index = specifiers.indexOf(specifier);
    const next = specifiers[index + 1];
    if (specifier.type === "ImportDefaultSpecifier") {
      return [specifier.start, code.indexOf(",", specifier.end) + 1];
    }
    if (specifier.type === "ImportNamespaceSpecifier") return [specifiers[index - 1].end, specifier.end];
    return [specifier.start, next === undefined ? specifier.end : next.start];
  });
}

function collectNames(node, names) {
  if (node.type === "Identifier") {
    names.add(node.name);
    return;
  }
  const member = node.computed || node.shorthand ? undefined : memberKeys[node.type];
  for (const [key, child] of Object.entries(node)) {
    if (key === member) continue;
    for (const item of Array.isArray(child) ? child : [child]) {
      if (typeof item?.type === "string") collectNames(item, names);
    }
  }
}

function blank(text) {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}

module.exports = { dropUnusedImports };
