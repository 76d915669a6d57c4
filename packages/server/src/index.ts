export { createHttp, type HttpOptions } from "./http/create-http.ts";
export { closeOnSignal, type ServeOptions, type Server, serve } from "./main.ts";
