// Whether the server can be reached. A call that got no answer asks check; while
// nothing answers, it is tried again by itself, ever more rarely.
const first = 2000, longest = 30_000; // milliseconds between tries

export class Connection extends EventTarget {
  online = true;
  since = null; // when the connection was lost

  #timer = 0;
  #wait = first;
  #asking = null;

  constructor(api) {
    super();
    this.api = api;
    window.addEventListener('online', () => this.check());
    window.addEventListener('offline', () => this.check());
  }

  // check asks the server and reports whether it answers.
  check() {
    this.#asking ||= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    clearTimeout(this.#timer);
    let there = true;
    try {
      await this.api.open('/health');
    } catch (e) {
      there = e.status !== undefined; // any answer is an answer
    }
    if (!there) {
      this.#timer = setTimeout(() => this.check(), this.#wait);
      this.#wait = Math.min(longest, this.#wait * 1.5);
    } else {
      this.#wait = first;
    }
    if (there !== this.online) {
      this.online = there;
      this.since = there ? null : new Date();
      this.dispatchEvent(new Event('change'));
    }
    return there;
  }
}
