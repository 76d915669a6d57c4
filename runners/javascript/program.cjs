"use strict";
/**
 * The entry as source text: where its last expression is, and the text that tells its value.
 *
 * Theory of operation. Node runs the entry itself, from the text that it reads; the runner adds to that text and leaves
 * every line where it was. Before the last statement, if that is an expression, it puts
 *
 *     ;observer.value=
 *
 * an assignment to a member, which neither names a function nor changes what is evaluated, and before the first
 * statement, if variables are asked for, one closure for each. The text goes to a line without code where there is one,
 * else to the end of the statement before, else right before the expression, so that columns move at most on that
 * line; `edits` says where, and `errors` takes it out of what is printed.
 *
 * A program that the parser does not understand, or one too long to be parsed in no time, runs as it is.
 */

/** Parsing takes 25 ms for this; a longer program is parsed only if its variables are asked for. */
const MAX_PARSED = 64 * 1024;

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/g;

/**
 * Returns { text, edits, kind }: the text to run; its edits as { line, column, length }, counted from 1; and "script"
 * or "module", what its syntax makes of it, null if that is not known.
 *
 * parse: acorn's, or null. wants: { observer, variables, declared }: the name of the observer, names of variables, and
 * the kind of the entry if it does not depend on its syntax, else null.
 */
function instrument(source, parse, wants) {
  const asItIs = { text: source, edits: [], kind: null };
  if (parse === null || (source.length > MAX_PARSED && wants.variables.length === 0)) return asItIs;
  const parsed = parseAny(source, parse, wants);
  if (parsed === null) return asItIs;
  const { kind } = parsed;
  const insertions = [variablesInsertion(source, parse, parsed, wants), valueInsertion(source, parsed, wants)];
  return { ...apply(source, insertions.filter(Boolean)), kind };
}

function variablesInsertion(source, parse, { tree, comments }, wants) {
  const closures = closuresText(parse, wants.variables);
  const first = tree.body.findIndex((statement) => statement.directive === undefined);
  if (closures === "" || first < 0) return null;
  return { at: placeBefore(source, tree.body, first, comments), text: `;${wants.observer}.variables={${closures}};` };
}

function valueInsertion(source, { tree, comments }, { observer }) {
  const last = tree.body.findLastIndex((statement) => !doesNothing(statement));
  const statement = tree.body[last];
  if (statement?.type !== "ExpressionStatement") return null;
  const text = `${observer}.value=`;
  if (statement.directive !== undefined) {
    // A string that directs nothing is a value.
    return statement.directive.startsWith("use ") ? null : { at: statement.start, text };
  }
  const { expression } = statement;
  // Of `a, b` the value is that of b. In parentheses it is one expression, which begins after the statement does.
  const isSequence = expression.type === "SequenceExpression" && expression.start === statement.start;
  if (isSequence) return { at: lastOf(expression).start, text };
  return { at: placeBefore(source, tree.body, last, comments), text: `;${text}` };
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

/** An empty statement, or `var a;`, which stands at the end of what was TypeScript. */
function doesNothing({ type, kind, declarations }) {
  if (type === "VariableDeclaration" && kind === "var") return declarations.every(({ init }) => init === null);
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

function lastOf(expression) {
  return expression.type === "SequenceExpression" ? lastOf(expression.expressions.at(-1)) : expression;
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
