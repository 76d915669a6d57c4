"use strict";
/**
 * Where text was put into a file: edits { line, column, length } in the order of the text that came of it, counted from
 * 1. Lines stay what they were.
 */

/** The column in the file of a column in the changed text; what is within an edit is where it was put. */
function columnBefore(edits, line, column) {
  const moved = edits
    .filter((edit) => edit.line === line && edit.column < column)
    .reduce((sum, edit) => sum + Math.min(edit.length, column - edit.column), 0);
  return column - moved;
}

module.exports = { columnBefore };
