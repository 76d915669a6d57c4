"""Programs whose last statement fails, which is where the runner adds to their text."""

# Each fails as the last statement of a script and of a module.
STATEMENTS = [
    "nope()",
    "nope",
    "nope`x`",
    "nope(1)(2)",
    "nope++",
    "nope += 1",
    "-nope",
    "void nope",
    "typeof nope.x",
    "delete null.x",
    "new Foo()",
    "globalThis.foo = nope",
    "({ a: nope })",
    "(0, nope)()",
    "1, nope()",
    "(1, nope);",
    "a, b; // both",
    "`${nope}`",
    "null ?? nope",
    "/* c */ nope()",
    "console.log(nope)",
    "[3].map((n) => n.a.b)",
    "[3].map(function () { throw new RangeError('z') })",
    "(() => { throw new Error('x') })()",
    "(function f() { null.x })()",
    "(class extends nope {})",
    "new (class A { constructor() { this.a.b } })()",
    "null.x",
    "undefined.x()",
    "({ get x() { throw new Error('y') } }).x",
    "({ a: globalThis.b } = null)",
    "[...5]",
    "null[Symbol.iterator]",
    "({}) instanceof 5",
    "new Array(-1)",
    "'x'.repeat(2 ** 30)",
    "decodeURIComponent('%')",
    "BigInt(1.5)",
    "structuredClone(() => 1)",
    "JSON.parse('{bad')",
    "Symbol() + ''",
    "Object.defineProperty(Object.freeze({}), 'x', { value: 1 })",
    "require('node:assert').equal(1, 2)",
    "(globalThis.assert ??= process.getBuiltinModule('node:assert'))(0 == 1)",
    "process.getBuiltinModule('fs').readFileSync('/nope')",
    "Buffer.alloc(-1)",
    "new URL('x')",
    "process.chdir(5)",
    "eval('null.x')",
    "eval('let = ;')",
    "new Function('null.x')()",
    "nope(\n  1,\n  2)",
    "console\n  .log(\n    nope.a)",
    "[1, 2]\n  .map((n) => n.x)\n  .filter((n) => n.y.z)",
    "\tnope()",
    "'\t\u00e9\t', nope()",
    "'\U0001f600' + nope",
    "Promise.reject(new Error('r'))",
    "(async () => { await null; nope() })()",
    "setTimeout(() => nope(), 1)",
    "(() => { throw 5 })()",
    "(() => { throw { a: 1 } })()",
    f"'{'long ' * 250}', nope()",
]

# Only a module has these.
OF_MODULES = ["await nope()", "await Promise.reject(new Error('r'))", "await import('./nope.mjs')", "import.meta.a.b"]

SCRIPTS = [
    "{}",
    "const x = 1;\n{}",
    "const x = 1; {}",
    "const x = 1\n\n{}\n",
    "'use strict'; // strictly\nlet x = 1; // one\n{}",
]
MODULES = [
    "import fs from 'fs';\n{}",
    "import fs from 'fs';\nconst rows = 'a\\nb'.split('\\n');\n\n// print it\n{};\n",
    "import fs from 'fs'; {}",
]


def in_scripts():
    """Programs: each statement in one of the layouts."""
    return [SCRIPTS[index % 5].replace("{}", statement) for index, statement in enumerate(STATEMENTS)]


def in_modules():
    """Programs: each fifth statement, and what only a module has, in one of the layouts."""
    statements = [*STATEMENTS[::5], *OF_MODULES]
    return [MODULES[index % 3].replace("{}", statement) for index, statement in enumerate(statements)]
