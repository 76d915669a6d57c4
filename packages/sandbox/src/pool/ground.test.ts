import { FakeGround } from "../../test/support/fake-ground.ts";
import { describeGround } from "../../test/support/ground-conformance.ts";

function underTest(ground: FakeGround) {
  return { ground, crash: () => ground.end() };
}

describeGround("the fake ground", () => ({
  make: (how = {}) => underTest(new FakeGround(how)),
  makeBroken() {
    const ground = new FakeGround();
    ground.refusal = "the wall could not be set up";
    return underTest(ground);
  },
  makeRefusing(reason) {
    const ground = new FakeGround();
    ground.parkError = reason;
    return underTest(ground);
  },
}));
