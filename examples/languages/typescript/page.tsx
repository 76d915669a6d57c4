/** @jsx element */
type Child = string | number | Child[];

interface Product {
  readonly name: string;
  readonly price: number;
}

export function element(name: string, attributes: Record<string, string> | null, ...children: Child[]): string {
  const text = Object.entries(attributes ?? {}).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${text.join("")}>${children.flat(2).join("")}</${name}>`;
}

const products: Product[] = [
  { name: "apples", price: 3 },
  { name: "pears", price: 4 },
];

console.log(
  <ul class="products">
    {products.map(({ name, price }) => (
      <li>
        {name}: {price}
      </li>
    ))}
  </ul>,
);
