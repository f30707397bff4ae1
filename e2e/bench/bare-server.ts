import { createServer } from 'node:http';

/** What node:http can do at most: one constant redirect, on the loopback port given as argument. */
createServer((_request, response) => {
  response.writeHead(302, { Location: 'https://mirror.example/constant.iso', 'Content-Length': 0 });
  response.end();
}).listen(Number(process.argv[2]), '127.0.0.1');
