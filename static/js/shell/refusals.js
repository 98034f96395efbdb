// Logs messages that bus.js refused: the first of each reason, then at 10, 100, 1,000, ..., so that a flood of messages
// doesn't displace other entries.
const line = (reason, from, count) => {
  const where = from ? ` (from ${from})` : "";
  return count === 1 ? `Message ignored: ${reason}${where}` : `Messages ignored: ${reason}${where}, ${count} so far`;
};

function tell(reason, from, count) {
  const detail = { kind: "ignored", line: line(reason, from, count), detail: "" };
  document.dispatchEvent(new CustomEvent("patchbay:log", { detail }));
}

export function logRefusals() {
  const { reasons } = JSON.parse(window.bus.report());
  for (const [reason, count] of Object.entries(reasons)) tell(reason, "", count); // those refused before this script ran
  document.addEventListener("patchbay:refused", ({ detail: { reason, from, count } }) => {
    if (/^10*$/.test(String(count))) tell(reason, from, count);
  });
}
