// An uncaught TypeError in a function, line 3, that the top level calls.
function firstName(station) {
  return station.observers[0].name;
}

console.log(firstName({ observers: [] }));
