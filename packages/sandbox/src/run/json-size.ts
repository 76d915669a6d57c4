import { StringDecoder } from "node:string_decoder";

/** How many bytes of JSON a text needs that comes in pieces: six for a control character, three for a byte of no text. */
export class JsonSize {
  readonly #decoder = new StringDecoder("utf8");

  /** The bytes for one more piece. What it has of a character that is not over counts with the next one. */
  of(piece: Buffer): number {
    const text = JSON.stringify(this.#decoder.write(piece));
    return Buffer.byteLength(text) - '""'.length;
  }
}
