// Logs in as a program of node's does, by the library most of them use (ssh2), and prints what a command says.
//
//     login.js AGENT PORT USER FINGERPRINT
//
// AGENT is a pipe or the file of a Cygwin socket. It is run in a folder with ssh2.
const { createHash } = require('node:crypto');
const { createRequire } = require('node:module');
const { Client } = createRequire(`${process.cwd()}/`)('ssh2');

const [agent, port, username, fingerprint] = process.argv.slice(2);
const client = new Client();

function fail(error) {
  console.log(String(error));
  process.exit(1);
}

function isTheHost(key) {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return fingerprint === `SHA256:${digest}`;
}

client.on('error', fail);
client.on('ready', () => {
  client.exec('echo logged in', (error, stream) => {
    if (error) fail(error);
    stream.pipe(process.stdout);
    stream.on('close', () => client.end());
  });
});
client.connect({ host: '127.0.0.1', port: Number(port), username, agent, hostVerifier: isTheHost });
