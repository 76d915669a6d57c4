import { Readable } from "node:stream";
import { ProblemError } from "@glovebox/protocol";
import { z } from "zod";
import type { StoredArtifact } from "../../engine/index.ts";
import { byteRange } from "../byte-range.ts";
import { type Call, type Route, route } from "../route.ts";
import type { RouteContext } from "../routes.ts";

const params = z.strictObject({ id: z.string(), "*": z.string() });

/** `GET /v1/executions/{id}/artifacts/{path}`: the content of a file that the program made, or a part of it. */
export function artifactRoute({ engine }: RouteContext): Route {
  return route({
    method: "GET",
    url: "/v1/executions/:id/artifacts/*",
    title: "A file that a program made",
    role: "user",
    large: true,
    params,
    answers: [
      { status: 200, type: "application/octet-stream" },
      { status: 206, type: "application/octet-stream" },
      { status: 304 },
    ],
    problems: ["not-found", "content-not-kept", "range-not-satisfiable", "sandbox-busy"],
    handle: async (call) => send(await engine.artifact(call.params.id, call.params["*"]), call),
  });
}

function send(artifact: StoredArtifact, { request, reply }: Call) {
  const { path, size, sha256 } = artifact;
  const tag = `"${sha256}"`;
  reply.header("etag", tag).header("accept-ranges", "bytes");
  if (matches(request.headers["if-none-match"], tag)) return reply.code(304).send();

  const condition = request.headers["if-range"];
  const wanted = condition === undefined || condition === tag ? request.headers.range : undefined;
  const range = byteRange(wanted, size);
  if (range === "outside") {
    reply.header("content-range", `bytes */${size}`);
    throw new ProblemError("range-not-satisfiable", `the range ${wanted?.slice(0, 100)} is outside of ${size} bytes`);
  }
  reply.header("content-type", "application/octet-stream").header("content-disposition", attachment(path));
  if (range !== undefined) reply.code(206).header("content-range", `bytes ${range.start}-${range.end - 1}/${size}`);
  const content = artifact.read(range);
  if (content instanceof Uint8Array) return reply.send(content);
  const { start, end } = range ?? { start: 0, end: size };
  return reply.header("content-length", end - start).send(Readable.from(content));
}

/** Whether an If-None-Match header names a tag. A weak one compares as a strong one here. */
function matches(header: string | undefined, tag: string): boolean {
  return header?.split(",").some((one) => ["*", tag, `W/${tag}`].includes(one.trim())) ?? false;
}

/** The name under which a client saves it, in ASCII alone: the program chose it. */
function attachment(path: string): string {
  const name = Buffer.from(path.slice(path.lastIndexOf("/") + 1)).toString();
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `attachment; filename*=UTF-8''${encoded}`;
}
