"use strict";
/**
 * The entry as source text: where its last expression is, and the text that tells its value.
 *
 * Theory of operation. Node runs the entry itself, from the text that it reads; the runner adds to that text and leaves
 * every line where it was. Before the last statement, if that is an expression, goes `;var kept=`, and after the whole
 * text a line `;observer.value=kept`. V8 counts an initializer as a statement of its own, which begins where its
 * expression does: all that it says of places is what it would say without the addition. (In an assignment to a member
 * the statement would begin before the expression; an undefined name is reported at the beginning of its statement.)
 *
 * Before the first statement, if variables are asked for, goes one closure for each.
 *
 * Text goes to a line without code where there is one, else to the end of the statement before, else right before the
 * expression, so that columns move at most on that line. `edits` says where; `stacks` and `excerpts` take it out of
 * what is shown.
 *
 * A program that the parser does not understand, or one too long to be parsed in no time, runs as it is.
 */

/** Parsing takes 25 ms for this; a longer program is parsed only if its variables are asked for. */
const MAX_PARSED = 64 * 1024;

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/g;

/**
 * Returns { text, edits, uses, kind }: the text to run; its edits (see `edits`); how often it uses the observer; and
 * "script" or "module", what its syntax makes of it, null if that is not known.
 *
 * parse: acorn's, or null. wants: { observer, variables, declared }: the name of the observer, which begins no other
 * name in the source; names of variables; and the kind of the entry if it does not depend on its syntax, else null.
 */
function instrument(source, parse, wants) {
  const asItIs = { text: source, edits: [], uses: 0, kind: null };
  if (parse === null || (source.length > MAX_PARSED && wants.variables.length === 0)) return asItIs;
  const parsed = parseAny(source, parse, wants);
  if (parsed === null) return asItIs;
  const closures = closuresInsertion(source, parse, parsed, wants);
  const value = valueInsertions(source, parsed, wants);
  const uses = [closures, value].filter(({ length }) => length > 0).length;
  return { ...apply(source, [...closures, ...value]), uses, kind: parsed.kind };
}

function closuresInsertion(source, parse, { tree, comments }, wants) {
  const closures = closuresText(parse, wants.variables);
  const first = tree.body.findIndex((statement) => statement.directive === undefined);
  if (closures === "" || first < 0) return [];
  return [{ at: placeBefore(source, tree.body, first, comments), text: `;${wants.observer}.variables={${closures}};` }];
}

function valueInsertions(source, { tree, comments }, { observer }) {
  const last = tree.body.findLastIndex((statement) => !doesNothing(statement));
  const statement = tree.body[last];
  if (statement?.type !== "ExpressionStatement") return [];
  const { start, directive, expression } = statement;
  // A string that directs nothing is a value.
  if (directive?.startsWith("use ")) return [];
  // A variable would give its name to a function or class without one; an assignment to a member does not.
  if (/^(?:Arrow)?FunctionExpression$/.test(expression.type)) return [{ at: start, text: `;${observer}.value=` }];
  const kept = `${observer}value`;
  const after = { at: source.length, text: `\n;${observer}.value=${kept}` };
  // Neither does an operand. A class is in parentheses here.
  if (expression.type === "ClassExpression") return [{ at: start, text: `;var ${kept}=null||` }, after];
  // `a, b` is no initializer without parentheses; with its own, it begins after the statement does.
  const isSequence = expression.type === "SequenceExpression" && expression.start === start;
  if (isSequence) return [{ at: start, text: `;var ${kept}=(` }, { at: expression.end, text: ")" }, after];
  return [{ at: placeBefore(source, tree.body, last, comments), text: `;var ${kept}=` }, after];
}

function parseAny(source, parse, { declared }) {
  const kinds = declared === null ? ["script", "module"] : [declared];
  for (const kind of kinds) {
    const comments = [];
    try {
      const tree = parse(source, {
        ecmaVersion: "latest",
        sourceType: kind,
        allowHashBang: true,
        allowReturnOutsideFunction: kind === "script",
        onComment: comments,
      });
      return { tree, comments, kind };
    } catch {
      // The next kind, or not understood.
    }
  }
  return null;
}

/** An empty statement, or what stands at the end of what was TypeScript: `var a;`, `export {}`. */
function doesNothing({ type, kind, declarations, declaration, specifiers, source }) {
  if (type === "VariableDeclaration" && kind === "var") return declarations.every(({ init }) => init === null);
  if (type === "ExportNamedDeclaration") return declaration === null && source === null && specifiers.length === 0;
  return type === "EmptyStatement";
}

/** Closures by name. A name that is no identifier cannot be that of a variable. */
function closuresText(parse, names) {
  const isIdentifier = (name) => {
    try {
      const [statement, ...more] = parse(name, { ecmaVersion: "latest", sourceType: "module" }).body;
      return more.length === 0 && statement.expression?.type === "Identifier" && statement.expression.name === name;
    } catch {
      return false;
    }
  };
  const closures = names.filter(isIdentifier).map((name) => `${JSON.stringify(name)}:()=>${name}`);
  return closures.join(",");
}

/** Where to put text between a statement and the code before it. */
function placeBefore(source, body, index, comments) {
  const { start } = body[index];
  const codeBefore = index > 0;
  const end = codeBefore ? body[index - 1].end : endOfHashbang(source);
  const breaks = [...source.slice(end, start).matchAll(LINE_BREAK)]
    .map((match) => ({ from: end + match.index, to: end + match.index + match[0].length }))
    .filter(({ from }) => !comments.some((comment) => comment.start < from && from < comment.end));
  if (breaks.length === 0) return start;
  return codeBefore && breaks.length > 1 ? breaks[0].to : end;
}

function endOfHashbang(source) {
  return source.startsWith("#!") ? source.search(/[\n\r\u2028\u2029]|$/) + 1 : 0;
}

function apply(source, insertions) {
  const edits = [];
  let text = "";
  let from = 0;
  for (const { at, text: inserted } of insertions) {
    text += source.slice(from, at);
    const lines = text.split(LINE_BREAK);
    edits.push({ line: lines.length, column: lines.at(-1).length + 1, length: inserted.length });
    text += inserted;
    from = at;
  }
  return { text: text + source.slice(from), edits };
}

module.exports = { instrument };
