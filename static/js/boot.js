// Starts PyScript. Its core compiles a worker hook with Function(), which our policy forbids; we use no workers.
import { hooks } from "../../core/core.js";
for (const hook of Object.values(hooks.worker)) hook.clear();

// Core opens an IndexedDB that we don't use. In other companies' pages storage may be forbidden; core doesn't handle that
// error, which comes as an event that it dispatches again, and as a rejected promise.
addEventListener("error", (event) => {
  if (event.error?.name === "InvalidStateError" && event.filename.includes("/core-")) event.preventDefault();
});
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Event && event.reason.target instanceof IDBOpenDBRequest) event.preventDefault();
});
