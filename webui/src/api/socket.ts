// The realtime socket: hints that something changed. It is never the truth: who
// hears one asks the API. After a break whatever was missed is told as one gap.
import type { Api } from './api';
import { ApiError, SessionEnded } from './errors';
import { prefix } from './fetch';
import type { Frame, Ticket } from './types_gen';

const firstWait = 500, longestWait = 30_000; // milliseconds between tries
const pingEvery = 25_000; // milliseconds; it also finds a connection that is dead
const silence = 60_000; // milliseconds after which the connection is taken for dead

export type SocketState = 'closed' | 'opening' | 'open';

export interface SocketEvents {
  onframe(frame: Frame): void;
  /** It is open for the first time: what was asked for before may have changed since. */
  onfirst(): void;
  /** After a break: anything may have changed in the watched shares. */
  ongap(): void;
  onstate(state: SocketState): void;
}

export class Socket {
  state: SocketState = 'closed';
  #ws: WebSocket | null = null;
  #wanted = false;
  #wait = firstWait;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #before = false; // whether it was open once
  readonly #watched = new Map<string, number>(); // share -> how many watch it
  readonly #api: Api;
  readonly #events: SocketEvents;

  constructor(api: Api, events: SocketEvents) {
    this.#api = api;
    this.#events = events;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#open();
  }

  stop(): void {
    this.#wanted = false;
    this.#before = false;
    clearTimeout(this.#timer);
    this.#ws?.close(1000);
    this.#gone();
  }

  /** Tries at once, when the connection is said to be back. */
  hurry(): void {
    if (!this.#wanted || this.state !== 'closed') return;
    clearTimeout(this.#timer);
    this.#wait = firstWait;
    void this.#open();
  }

  /** Asks for hints about a share until what it gives is called. */
  watch(share: string): () => void {
    const n = this.#watched.get(share) ?? 0;
    this.#watched.set(share, n + 1);
    if (n === 0) this.#tell('subscribe', share);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = (this.#watched.get(share) ?? 1) - 1;
      if (left > 0) {
        this.#watched.set(share, left);
        return;
      }
      this.#watched.delete(share);
      this.#tell('unsubscribe', share);
    };
  }

  #tell(action: string, share?: string): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(share ? { action, share_id: share } : { action }));
  }

  #set(state: SocketState): void {
    if (this.state === state) return;
    this.state = state;
    this.#events.onstate(state);
  }

  async #open(): Promise<void> {
    this.#set('opening');
    let ticket: Ticket;
    try {
      ticket = await this.#api.call<Ticket>('POST', '/auth/ticket');
    } catch (e) {
      this.#set('closed');
      if (e instanceof ApiError && e.status === 403) void this.#api.session.recheck().catch(() => {}); // everybody gets a ticket who may do anything
      if (e instanceof SessionEnded) this.#wanted = false;
      else this.#later(e instanceof ApiError ? e.retryAfter * 1000 : 0);
      return;
    }
    if (!this.#wanted) return;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const ws = new WebSocket(`${scheme}://${location.host}${prefix}/realtime/ws?ticket=${encodeURIComponent(ticket.ticket)}`);
    this.#ws = ws;
    ws.onopen = () => {
      this.#wait = firstWait;
      this.#heard = Date.now();
      for (const share of this.#watched.keys()) this.#tell('subscribe', share);
      this.#set('open');
      if (this.#before) this.#events.ongap();
      else this.#events.onfirst();
      this.#before = true;
      clearInterval(this.#ping);
      this.#ping = setInterval(() => {
        if (Date.now() - this.#heard > silence) ws.close();
        else this.#tell('ping');
      }, pingEvery);
    };
    ws.onmessage = ({ data }) => {
      this.#heard = Date.now();
      let frame: Frame;
      try {
        frame = JSON.parse(String(data)) as Frame;
      } catch {
        return;
      }
      this.#events.onframe(frame);
    };
    ws.onclose = () => {
      if (this.#ws !== ws) return;
      this.#gone();
      if (this.#wanted) this.#later(0);
    };
  }

  #gone(): void {
    clearInterval(this.#ping);
    this.#ws = null;
    this.#set('closed');
  }

  #later(atLeast: number): void {
    clearTimeout(this.#timer);
    const wait = Math.max(atLeast, this.#wait) * (0.8 + 0.4 * Math.random()); // so that not all come back at once
    this.#wait = Math.min(longestWait, this.#wait * 2);
    this.#timer = setTimeout(() => void this.#open(), wait);
  }
}
