// The adapter before sign-in: waits for a sibling frame to sign in.

import { follow } from "./follow.js";

follow("signed-out");
