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
 *   neverConnected(part)    when the first connection has failed three times or more: "server" if the server doesn't
 *                           answer, "socket" if it does, but the WebSocket fails
 *   signedOut()             when the server refuses a ticket
 *   tooMany()               when newer pages have replaced this one
 */
export class Socket {
  #config;
  #hello;
  #listener;
  #socket = null;
  #commands = new Map();
  #tries = 0;
  #firstFailures = 0;
  #timer = null;
  #silenceTimer = null;
  #stableTimer = null;
  #isConnecting = false;
  #isWelcome = false;
  #wasWelcome = false;
  #isStopped = false;

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
    if (this.#isStopped || this.#isConnecting || this.#socket) return;
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
    this.#isStopped = true;
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
  sendCommand(name, args, id = newId()) {
    return new Promise((resolve) => {
      this.#commands.set(id, { message: { op: "act", id, name, args }, resolve });
      if (this.#isWelcome) this.#send(this.#commands.get(id).message);
    });
  }

  /** Sends a message that isn't repeated; returns whether it could be sent. */
  sendOnce(message) {
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
      this.#isStopped = true;
      this.#listener.signedOut();
      return null;
    }
    if (!response.ok) throw new Error(`no ticket: ${response.status}`);
    return (await response.json()).ticket;
  }

  #open(ticket) {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + this.#config.socketUrl);
    this.#socket = socket;
    this.#expectMessage(WELCOME_WITHIN_MS);
    socket.addEventListener("open", () => this.#send({ op: "hello", ticket, ...this.#hello() }));
    socket.addEventListener("message", (event) => this.#received(event));
    socket.addEventListener("close", ({ code }) => (code === TOO_MANY ? this.#stopAsReplaced(socket) : this.#lost(socket)));
  }

  #received(event) {
    const message = event.target === this.#socket ? readSocket(event) : null;
    if (message === null) return;
    if (this.#isWelcome || message.op === "state") this.#expectMessage(SILENCE_MS);
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
    this.#stableTimer = setTimeout(() => (this.#tries = 0), LASTED_MS);
    this.#listener.connected(isAgain);
    for (const { message } of this.#commands.values()) this.#send(message);
  }

  #done({ id, error }) {
    const command = this.#commands.get(id);
    this.#commands.delete(id);
    command?.resolve(error ?? undefined);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#isWelcome = false;
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#stableTimer);
    if (!this.#isStopped) this.#failed("socket");
  }

  #failed(part) {
    if (!this.#wasWelcome) this.#firstFailures += 1;
    if (this.#wasWelcome || this.#firstFailures < FIRST_TRIES) this.#listener.disconnected();
    else this.#listener.neverConnected(part);
    this.#later();
  }

  #stopAsReplaced(socket) {
    if (socket !== this.#socket) return;
    this.#isStopped = true;
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

  #expectMessage(withinMs) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.reconnect(), withinMs);
  }

  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }
}
