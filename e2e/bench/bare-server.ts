import { createServer } from 'node:http';

/** What node:http can do at most: the same 302 for all, on a loopback port. Arguments: the port, header names and values as JSON. */
const [port, headers = '[]'] = process.argv.slice(2);
const constant: string[] = JSON.parse(headers);

createServer((_request, response) => {
  response.writeHead(302, constant);
  response.end();
}).listen(Number(port), '127.0.0.1');
