// A program for the rehearsal: what is usual in programs, so that the translator has met it.
interface Shape<T extends object = object> {
  readonly name: string;
  area?(scale: number): number;
  data: T[];
}

type Kind = "circle" | "square";

abstract class Base<T> implements Shape {
  private readonly hidden: number = 1;
  protected static count = 0;
  data: object[] = [];
  declare other: T;
  constructor(public_: string, ...rest: readonly T[]) {
    this.name = public_;
    Base.count += rest.length + this.hidden;
  }
  name: string;
  abstract area(scale: number): number;
}

class Circle extends Base<number> {
  override area(scale: number = 1): number {
    return Math.PI * scale ** 2;
  }
}

function isKind(value: unknown): value is Kind {
  return value === "circle" || value === "square";
}

const shapes: Map<Kind, Shape> = new Map<Kind, Shape>();
shapes.set("circle", new Circle("a", 1) as unknown as Shape);
const named = { a: 1 } satisfies Record<string, number>;
export async function work<T>(items: T[], pick: (item: T) => boolean): Promise<T | undefined> {
  await null;
  return items.find(pick) as T;
}
isKind(shapes.size) || named;
