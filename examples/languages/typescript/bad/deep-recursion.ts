// Calls itself without end; V8 throws a RangeError, at line 3.
function depth(level: number): number {
  return 1 + depth(level + 1);
}

console.log(depth(1));
