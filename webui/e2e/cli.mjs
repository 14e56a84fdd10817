// A computer beside the browser: the command line client with a home of its own.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as rig from './rig.mjs';

export class Computer {
  constructor(w, name) {
    this.w = w;
    this.home = w.path(`computer ${name}`);
    mkdirSync(this.home, { recursive: true });
  }

  static async signedIn(w, name, email = rig.email, password = rig.password) {
    const c = new Computer(w, name);
    await c.run(['login', w.server.url, '--email', email, '--password-stdin'], { input: `${password}\n` });
    return c;
  }

  path(name) { return path.join(this.home, name); }
  read(name) { return readFileSync(this.path(name), 'utf8'); }
  write(name, text) {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  // run runs the client; codes are the exit codes that are no failure.
  run(args, { input = '', codes = [0] } = {}) {
    return new Promise((resolve, reject) => {
      const p = execFile(this.w.server.bin, args, { cwd: this.home, env: { PATH: process.env.PATH, HOME: this.home }, timeout: 60_000 }, (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (codes.includes(code)) resolve({ code, stdout });
        else reject(new Error(`${args.join(' ')}: ${code}\n${stdout}\n${stderr}`));
      });
      p.stdin.end(input);
    });
  }
}
