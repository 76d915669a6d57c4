// An uncaught TypeError, which the types do not foresee, in a function, line 7, that the top level calls.
interface Station {
  readonly observers: { readonly name: string }[];
}

function firstName(station: Station): string {
  return station.observers[0].name;
}

console.log(firstName({ observers: [] }));
