// The page's socket: ticket, hello, back-off, and acts that are kept until the server has answered them.

import { readSocket } from "./fragments.js";
import { newId } from "./page.js";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
// A connection that lasted so long was a good one; what breaks sooner, again and again, is tried ever more slowly.
const LASTED_MS = 5_000;
const WELCOME_WITHIN_MS = 20_000;
// The server says something at least every 20 s, or the connection is open at our end only.
const SILENCE_MS = 60_000;
// A connection that has never been made and fails so often won't come up by itself.
const FIRST_TRIES = 3;
// The server closes the oldest of too many pages so; coming back would only close another one.
const TOO_MANY = 4429;

/**
 * Reconnects for ever; `listener` gets:
 *   message(message)        what the server sent, but `done`
 *   connected(isAgain)      after `state`
 *   disconnected()          when the connection is lost
 *   unmade(part)            when the first one can't be made, from the third try on: "server", that doesn't answer, or
 *                           "socket", that doesn't come up although the server answers
 *   signedOut()             when there is no ticket for us any more
 *   tooMany()               when younger pages have taken this one's place
 */
export class Socket {
  #config;
  #hello;
  #listener;
  #socket = null;
  #acts = new Map();
  #tries = 0;
  #failedFirst = 0;
  #timer = null;
  #silence = null;
  #lasted = null;
  #isConnecting = false;
  #isWelcome = false;
  #wasWelcome = false;
  #isOver = false;

  /**
   * config: {ticketUrl, socketUrl, csrf}, from the page.
   * hello: returns what goes with `hello` beside the ticket.
   */
  constructor(config, hello, listener) {
    this.#config = config;
    this.#hello = hello;
    this.#listener = listener;
    addEventListener("online", () => this.#connectNow());
    addEventListener("offline", () => this.reconnect());
    addEventListener("pageshow", () => this.#connectNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#connectNow();
    });
  }

  /** Connect, now and whenever the connection is lost. */
  async connect() {
    if (this.#isOver || this.#isConnecting || this.#socket) return;
    this.#isConnecting = true;
    clearTimeout(this.#timer);
    try {
      const ticket = await this.#ticket();
      if (ticket !== null) this.#open(ticket);
    } catch {
      this.#failed("server");
    } finally {
      this.#isConnecting = false;
    }
  }

  /** Stay disconnected: the page has nothing more to hear. */
  stop() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.reconnect();
  }

  /** Give the connection up, without waiting for its other end, and make a new one. */
  reconnect() {
    const socket = this.#socket;
    if (socket === null) return;
    this.#lost(socket);
    socket.close();
  }

  /** Do something; resolves to undefined once it is done, or to the server's error. Sent again, once done, after a break. */
  act(name, args, id = newId()) {
    return new Promise((resolve) => {
      this.#acts.set(id, { message: { op: "act", id, name, args }, resolve });
      if (this.#isWelcome) this.#send(this.#acts.get(id).message);
    });
  }

  /** Say something that isn't worth repeating; returns whether it could be said. */
  say(message) {
    return this.#isWelcome && this.#send(message);
  }

  async #ticket() {
    const response = await fetch(this.#config.ticketUrl, {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(WELCOME_WITHIN_MS),
      headers: { "X-CSRF-Token": this.#config.csrf, Accept: "application/json" },
    });
    if (response.status === 401 || response.status === 403 || response.status === 400) {
      this.#isOver = true;
      this.#listener.signedOut();
      return null;
    }
    if (!response.ok) throw new Error(`no ticket: ${response.status}`);
    return (await response.json()).ticket;
  }

  #open(ticket) {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + this.#config.socketUrl);
    this.#socket = socket;
    this.#expect(WELCOME_WITHIN_MS);
    socket.addEventListener("open", () => this.#send({ op: "hello", ticket, ...this.#hello() }));
    socket.addEventListener("message", (event) => this.#received(event));
    socket.addEventListener("close", ({ code }) => (code === TOO_MANY ? this.#replaced(socket) : this.#lost(socket)));
  }

  #received(event) {
    const message = event.target === this.#socket ? readSocket(event) : null;
    if (message === null) return;
    if (this.#isWelcome || message.op === "state") this.#expect(SILENCE_MS);
    if (message.op === "done") {
      this.#done(message);
      return;
    }
    if (message.op === "state") this.#welcome();
    this.#listener.message(message);
  }

  #welcome() {
    const isAgain = this.#wasWelcome;
    this.#isWelcome = true;
    this.#wasWelcome = true;
    this.#lasted = setTimeout(() => (this.#tries = 0), LASTED_MS);
    this.#listener.connected(isAgain);
    for (const { message } of this.#acts.values()) this.#send(message);
  }

  #done({ id, error }) {
    const act = this.#acts.get(id);
    this.#acts.delete(id);
    act?.resolve(error ?? undefined);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#isWelcome = false;
    clearTimeout(this.#silence);
    clearTimeout(this.#lasted);
    if (!this.#isOver) this.#failed("socket");
  }

  #failed(part) {
    if (!this.#wasWelcome) this.#failedFirst += 1;
    if (this.#wasWelcome || this.#failedFirst < FIRST_TRIES) this.#listener.disconnected();
    else this.#listener.unmade(part);
    this.#later();
  }

  #replaced(socket) {
    if (socket !== this.#socket) return;
    this.#isOver = true;
    this.#lost(socket);
    this.#listener.tooMany();
  }

  // Full jitter: pages that lost the same server don't come back at the same moment.
  #later() {
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#tries);
    this.#tries += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), FIRST_DELAY_MS + Math.random() * (longest - FIRST_DELAY_MS));
  }

  #connectNow() {
    if (this.#socket || this.#isConnecting) return;
    this.#tries = 0;
    this.connect();
  }

  #expect(withinMs) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.reconnect(), withinMs);
  }

  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }
}
