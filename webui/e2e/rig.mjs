// What the tests stand on: the real server in a folder of its own, and Chromium.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const email = 'mara@example.com';
export const password = 'correct horse battery staple';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

// chromiumPath is where a browser is, '' if there is none.
export function chromiumPath() {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p)) || '';
}

export function scratch() { return mkdtempSync(path.join(tmpdir(), 'scaidrive-e2e-')); }

// buildServer builds the product, or takes the binary that SCAIDRIVE_BIN names.
export function buildServer(dir) {
  if (process.env.SCAIDRIVE_BIN) return path.resolve(root, process.env.SCAIDRIVE_BIN);
  const bin = path.join(dir, 'scaidrive');
  execFileSync('go', ['build', '-o', bin, './cmd/scaidrive'], { cwd: root, stdio: 'inherit', env: { ...process.env, CGO_ENABLED: '0' } });
  return bin;
}

export async function freePort() {
  return new Promise((resolve, reject) => {
    const s = net.createServer();
    s.once('error', reject);
    s.listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => resolve(port)); });
  });
}

// A Server is a process of the product. Its data outlives a stop.
export class Server {
  constructor(bin, dir) {
    this.bin = bin;
    this.data = path.join(dir, 'data');
    this.log = '';
  }

  // options are more flags of serve.
  async start(options = []) {
    this.port ||= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.process = spawn(this.bin, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, ...options], {
      env: { PATH: process.env.PATH, HOME: this.data, SCAIDRIVE_ADMIN_EMAIL: email, SCAIDRIVE_ADMIN_PASSWORD: password },
    });
    this.exited = new Promise((resolve) => { this.process.once('exit', resolve); });
    for (const s of [this.process.stdout, this.process.stderr]) s.on('data', (b) => { this.log += b; });
    for (let i = 0; i < 300; i++) {
      if (!this.running) throw new Error(`the server ended:\n${this.log}`);
      try {
        if ((await fetch(`${this.url}/api/v1/ready`)).ok) return;
      } catch { /* not yet */ }
      await new Promise((ok) => { setTimeout(ok, 100); });
    }
    throw new Error(`the server is not ready:\n${this.log}`);
  }

  get running() { return Boolean(this.process) && this.process.exitCode === null && this.process.signalCode === null; }

  async stop(signal = 'SIGTERM') {
    if (!this.running) return;
    this.process.kill(signal);
    await this.exited;
  }
}

// launchOptions are for a browser that talks to nobody but the page's server.
export function launchOptions() {
  return {
    executablePath: chromiumPath(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  };
}

export function remove(dir) { rmSync(dir, { recursive: true, force: true }); }
