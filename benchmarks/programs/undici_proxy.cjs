// A reverse proxy as it is best written for Node: its own HTTP server in front, undici's Pool.dispatch behind, hop-by-hop
// fields dropped both ways, back-pressure kept. Arguments: port, upstream port, "proxy" or "static".
"use strict";
const http = require("node:http");
const { Pool } = require(process.env.UNDICI);

const [port, upstream, mode] = process.argv.slice(2);
const HOP = new Set(["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
  "trailer", "transfer-encoding", "upgrade"]);
const pool = mode === "proxy" ? new Pool(`http://127.0.0.1:${upstream}`, { connections: 64, pipelining: 1 }) : null;

function kept(raw) {
  const fields = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toString("latin1");
    if (!HOP.has(name.toLowerCase())) fields.push(name, raw[i + 1].toString("latin1"));
  }
  return fields;
}

class Answer {
  constructor(response) { this.response = response; }
  onConnect(abort) { this.response.on("close", () => { if (!this.response.writableFinished) abort(); }); }
  onHeaders(status, raw, resume) {
    if (status < 200) return true;
    this.response.writeHead(status, kept(raw));
    this.response.on("drain", resume);
    return true;
  }
  onData(chunk) { return this.response.write(chunk); }
  onComplete() { this.response.end(); }
  onError() { if (!this.response.headersSent) this.response.writeHead(502); this.response.end(); }
}

const serve = mode === "proxy"
  ? (request, response) => {
      const bodyless = request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined;
      pool.dispatch({ path: request.url, method: request.method, headers: kept(request.rawHeaders),
        body: bodyless ? null : request }, new Answer(response));
    }
  : (request, response) => { response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 13 }); response.end("Hello, world!"); };

const server = http.createServer(serve);
server.keepAliveTimeout = 75000;
server.listen(Number(port), "127.0.0.1");
