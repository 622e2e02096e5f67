/** What the extension finds in a browser and older Node.js does not have as globals. */

import { webcrypto } from "node:crypto";

if (!globalThis.crypto) Object.defineProperty(globalThis, "crypto", { value: webcrypto });
