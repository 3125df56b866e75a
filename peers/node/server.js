// server.js ADDRESS PORT [WORKERS]: / answers at once, any other path counts ?turns=N in the event
// loop and then waits ?wait_ms=M. WORKERS processes share the port.
const cluster = require('cluster');
const http = require('http');

function count(turns) {
  let count = 0;
  for (let i = 0; i < turns; i++) count += 1;
  return count;
}

function answer(request, response) {
  const url = new URL(request.url, 'http://localhost');
  const turns = Number(url.searchParams.get('turns'));
  const wait = Number(url.searchParams.get('wait_ms'));
  const counted = url.pathname === '/' ? 0 : count(turns);
  response.setHeader('Server-Timing', `wait;dur=${wait}`);
  if (wait > 0) setTimeout(() => response.end(`done ${counted}`), wait);
  else response.end(`done ${counted}`);
}

const [address, port, workers] = process.argv.slice(2);
if (workers > 0 && cluster.isPrimary) {
  for (let i = 0; i < workers; i++) cluster.fork();
} else {
  http.createServer(answer).listen(port, address);
}
