/**
 * Which addresses a page may have fetched for it: a page never reaches a network nearer to the user than its own.
 *
 * Only the address as written is judged; where a public name points to is known to the browser alone, and its own
 * local-network protection stands behind this one.
 */

/** How near an address is: a page may name what is as far away as itself or farther. */
export const Space = Object.freeze({ LOOPBACK: 0, PRIVATE: 1, PUBLIC: 2 });

const LOCAL_SUFFIXES = [".local", ".internal", ".lan", ".home", ".home.arpa", ".intranet", ".corp", ".private"];

/** [first address, prefix length] of the IPv4 blocks that are not on the public internet. */
const PRIVATE_V4 = /** @type {const} */ ([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
]);

/**
 * Return how near a URL's host is. Local files and the extension's own pages count as loopback, unknown schemes and
 * unreadable addresses as public, which is what trusts a page least.
 *
 * @param {string} address
 * @returns {number} a `Space`
 */
export function addressSpace(address) {
  /** @type {URL} */
  let url;
  try {
    url = new URL(address);
  } catch {
    return Space.PUBLIC;
  }
  if (url.protocol === "blob:") return addressSpace(url.pathname);
  if (url.protocol === "file:" || url.protocol.endsWith("-extension:")) return Space.LOOPBACK;
  return url.hostname ? hostSpace(url.hostname) : Space.PUBLIC;
}

/**
 * Whether a page (every frame from the top to the image's own) may have `target` fetched for it.
 *
 * @param {string[]} pageUrls
 * @param {string} target
 * @returns {boolean}
 */
export function mayFetch(pageUrls, target) {
  if (pageUrls.length === 0) return addressSpace(target) === Space.PUBLIC;
  const farthest = Math.max(...pageUrls.map(addressSpace));
  return addressSpace(target) >= farthest;
}

/**
 * @param {string} hostname as URL gives it: lower case, IPv4 in dotted decimal, IPv6 in brackets
 * @returns {number}
 */
function hostSpace(hostname) {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  if (host.startsWith("[")) return v6Space(host.slice(1, -1));
  if (/^[0-9]+(\.[0-9]+){3}$/.test(host)) return v4Space(host);
  if (host === "localhost" || host.endsWith(".localhost")) return Space.LOOPBACK;
  // A name without a dot is looked up in the local network.
  if (!host.includes(".") || LOCAL_SUFFIXES.some((suffix) => host.endsWith(suffix))) return Space.PRIVATE;
  return Space.PUBLIC;
}

/**
 * @param {string} dotted
 * @returns {number}
 */
function v4Space(dotted) {
  const value = v4Number(dotted);
  // 0.0.0.0 reaches the machine itself on Linux and macOS.
  if (value >>> 24 === 127 || value === 0) return Space.LOOPBACK;
  const isPrivate = PRIVATE_V4.some(([first, length]) => value >>> (32 - length) === v4Number(first) >>> (32 - length));
  return isPrivate ? Space.PRIVATE : Space.PUBLIC;
}

/**
 * @param {string} dotted
 * @returns {number}
 */
function v4Number(dotted) {
  return dotted.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

/**
 * @param {string} text without brackets, as URL serialises it
 * @returns {number}
 */
function v6Space(text) {
  const groups = v6Groups(text);
  const [first = 0] = groups;
  const last32 = (groups[6] ?? 0) * 65536 + (groups[7] ?? 0);
  const embedded = [last32 >>> 24, (last32 >>> 16) & 255, (last32 >>> 8) & 255, last32 & 255].join(".");
  if (groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1) return Space.LOOPBACK;
  const zeros = groups.slice(0, 5).every((group) => group === 0);
  if (zeros && (groups[5] === 0xffff || groups[5] === 0)) return v4Space(embedded); // mapped, compatible
  if (first === 0x64 && groups[1] === 0xff9b) return v4Space(embedded); // NAT64
  if (first === 0x2002) {
    const inner = (groups[1] ?? 0) * 65536 + (groups[2] ?? 0); // 6to4 carries an IPv4 address
    return v4Space([inner >>> 24, (inner >>> 16) & 255, (inner >>> 8) & 255, inner & 255].join("."));
  }
  // Only 2000::/3 is handed out to the public; the rest is unique-local, link-local, multicast or unused.
  return first >>> 13 === 1 ? Space.PUBLIC : Space.PRIVATE;
}

/**
 * @param {string} text
 * @returns {number[]} eight 16-bit groups
 */
function v6Groups(text) {
  const [head = "", tail] = text.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array(missing).fill("0"), ...right].map((group) => Number.parseInt(group, 16));
}
