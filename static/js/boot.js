// Start PyScript. Its core compiles one worker hook with Function(), which our policy forbids; we use no workers.
import { hooks } from "../../core/core.js";
for (const hook of Object.values(hooks.worker)) hook.clear();
