// The page's WebSocket: ticket, hello, reconnecting with back-off, and commands that are kept until they are answered.

import { readSocket } from "./fragments.js";
import { newId } from "./page.js";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
// A connection that lasted so long was good; if connections break sooner, the delays grow.
const LASTED_MS = 5_000;
const WELCOME_WITHIN_MS = 20_000;
// The server sends something at least every 20 s; after a longer silence the connection is broken.
const SILENCE_MS = 60_000;
// After so many failures before the first connection, something is set up wrong.
const FIRST_TRIES = 3;
// Close code for the oldest of too many pages; reconnecting would close another one.
const TOO_MANY = 4429;

/**
 * Reconnects for ever. Calls these functions of `listener`:
 *   message(message)        for each message except `done`
 *   connected(isAgain)      after `state`
 *   disconnected()          when the connection is lost
 *   unmade(part)            when the first connection has failed three times or more: "server" if the server doesn't
 *                           answer, "socket" if it does, but the WebSocket fails
 *   signedOut()             when the server refuses a ticket
 *   tooMany()               when newer pages have replaced this one
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
   * hello: returns the content of `hello` except the ticket.
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

  /** Connects now, and again whenever the connection is lost. */
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

  /** Disconnects for good. */
  stop() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.reconnect();
  }

  /** Drops the connection without waiting for the server, and makes a new one. */
  reconnect() {
    const socket = this.#socket;
    if (socket === null) return;
    this.#lost(socket);
    socket.close();
  }

  /** Sends a command, again after a reconnect; resolves to undefined once it is done, or to the server's error. */
  act(name, args, id = newId()) {
    return new Promise((resolve) => {
      this.#acts.set(id, { message: { op: "act", id, name, args }, resolve });
      if (this.#isWelcome) this.#send(this.#acts.get(id).message);
    });
  }

  /** Sends a message that isn't repeated; returns whether it could be sent. */
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

  // With full jitter, pages of the same server don't reconnect at the same moment.
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
